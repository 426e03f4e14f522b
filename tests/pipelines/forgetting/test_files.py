import gzip
import json

import pandas as pd
import pytest

from pipelines.forgetting.files import Traces, traces, without
from pipelines.forgetting.journal import Changes, finish_pending

WHO = ["C7"]


def cleaned(path, *, words=True):
    target = path.with_name(f"new{path.suffix}")
    without(path, target, WHO, words=words)
    return target


def test_rows_of_a_csv_file_are_told_from_mentions(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text('customer_id,note\nC7,x\nC8,"friend of C7,\nnext door"\n\'C7,y\nC77,z\n')
    assert traces(path, WHO) == Traces(rows=2, mentions=1)
    rows = pd.read_csv(cleaned(path))
    assert rows["customer_id"].tolist() == ["C8", "C77"]
    assert rows["note"][0] == "friend of C7,\nnext door"


def test_a_csv_file_without_customers_has_mentions_only(tmp_path):
    path = tmp_path / "board.csv"
    path.write_text("candidate,profit\nC7,1\n")
    assert traces(path, WHO) == Traces(mentions=1)


@pytest.mark.parametrize("text", ["", "\n", "customer_id\n"])
def test_empty_csv_files_hold_nobody(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text)
    assert traces(path, WHO) == Traces()


def test_rows_of_a_parquet_file_go_and_its_types_stay(tmp_path):
    path = tmp_path / "list.parquet"
    rows = pd.DataFrame({"customer_id": ["C7", "C8", None], "n": [1, 2, 3], "why": ["", "C7!", ""]})
    rows.astype({"n": "int16"}).to_parquet(path, index=False)
    assert traces(path, WHO) == Traces(rows=1, mentions=1)
    left = pd.read_parquet(cleaned(path))
    assert left["n"].tolist() == [2, 3]
    assert left["n"].dtype == "int16"


def test_numbers_in_a_parquet_file_are_compared_as_they_read(tmp_path):
    path = tmp_path / "list.parquet"
    pd.DataFrame({"Customer ID": [7, 77], "n": [77, 7]}).to_parquet(path)
    assert traces(path, ["7"]) == Traces(rows=1)


def test_a_packed_file_is_searched_inside(tmp_path):
    path = tmp_path / "sales.csv.gz"
    path.write_bytes(gzip.compress(b"who\nC7\nC77\nC7\n"))
    assert traces(path, WHO).mentions == 2


def test_json_stays_json(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"C7": ["x C7", 7, None, True, {"k": "C77"}]}))
    expected = {"[forgotten]": ["x [forgotten]", 7, None, True, {"k": "C77"}]}
    assert json.loads(cleaned(path).read_text()) == expected


def test_texts_are_left_when_the_words_may_mean_something_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("C7 or not")
    assert cleaned(path, words=False).read_text() == "C7 or not"
    assert cleaned(path).read_text() == "[forgotten] or not"


def test_changes_happen_together(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("old")
    (tmp_path / "folder").mkdir()
    changes = Changes(tmp_path)
    changes.replace(tmp_path / "a.txt").write_text("new")
    changes.remove(tmp_path / "b.txt")
    changes.remove(tmp_path / "folder")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert changes.now(tmp_path / "a.txt").read_text() == "new"
    assert changes.now(tmp_path / "folder" / "x") is None
    changes.commit()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "new"


def test_changes_that_are_abandoned_leave_nothing(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    changes = Changes(tmp_path)
    changes.replace(tmp_path / "a.txt").write_text("new")
    assert not finish_pending(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"
