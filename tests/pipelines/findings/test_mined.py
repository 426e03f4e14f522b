"""Patterns of `lode mine` as findings."""

import pyarrow as pa
import pytest

from experiments.findings import Filter
from experiments.findings.language import Language
from pipelines.cli import main
from pipelines.findings import mined, store_of
from pipelines.findings.mined import keep_patterns

BASKETS = "tea,jam\ntea,jam\ntea,milk\nmilk,tea\njam\n<b>,tea\n=1+1,<b>\n"
LINES = "customer,time,item\n" + "".join(
    f"{who},{day},{item}\n" for who in "abc" for day, item in ((1, "tea"), (2, "milk"), (3, "jam"))
)


@pytest.fixture
def mine(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def type_command(what, content, *words, name="in.txt"):
        (tmp_path / name).write_text(content)
        code = main(["mine", what, name, "--out", "out.parquet", *words])
        return code, capsys.readouterr()

    return type_command


def test_rules_are_kept_with_their_figures(mine, tmp_path):
    code, told = mine("rules", BASKETS, "--min-count", "1", "--keep", "ws")
    assert code == 0
    assert "findings: " in told.err
    found = {tuple(one.pattern["if"] + one.pattern["then"]): one for one in store_of("ws").find()}
    jam = found["jam", "tea"]
    assert (jam.question, jam.kind, jam.latest.evidence.n) == ("in.txt", "rule", 7)
    assert jam.latest.evidence.confidence == pytest.approx(2 / 3)
    assert jam.latest.evidence.lift == pytest.approx((2 / 3) / (5 / 7))
    assert jam.touches == {"all": [{"bought": "jam"}, {"not": {"bought": "tea"}}]}
    assert not jam.latest.evidence.held_out
    assert ("=1+1", "<b>") in found


def test_rules_mined_twice_are_seen_again(mine):
    mine("rules", BASKETS, "--min-count", "1", "--keep", "ws")
    count = store_of("ws").count()
    _, told = mine("rules", BASKETS, "--min-count", "1", "--keep", "ws")
    assert f"findings: 0 new, {count} seen again" in told.err


def test_a_corrected_p_comes_along(mine):
    mine("rules", BASKETS * 20, "--min-count", "1", "--max-p", "0.5", "--keep", "ws")
    found = store_of("ws").find()
    assert found
    assert all(0 <= one.latest.evidence.p_adjusted <= 0.5 for one in found)


def test_sequences_are_kept_in_their_order(mine):
    code, _ = mine(
        *("sequences", LINES, "--min-count", "3", "--keep", "ws", "--question", "paths"),
        *("--customer", "customer", "--time", "time", "--item", "item"),
        name="in.csv",
    )
    assert code == 0
    found = store_of("ws").find(Filter(kinds=("sequence",), question="paths"))
    steps = [one.pattern["steps"] for one in found]
    assert [["tea"], ["milk"], ["jam"]] in steps
    assert [["jam"], ["milk"]] not in steps
    (one,) = (one for one in found if one.pattern["steps"] == [["tea"], ["milk"], ["jam"]])
    assert (one.latest.evidence.support, one.latest.evidence.n) == (1.0, 3)
    said = "Customers buy in this order: tea, then milk, then jam; 100.0% of 3 did."
    assert Language("en").tell(one.latest.words) == said


def test_sequential_rules_are_kept_as_sequences(mine):
    code, _ = mine(
        *("sequential-rules", LINES, "--min-count", "3", "--keep", "ws"),
        *("--customer", "customer", "--time", "time", "--item", "item"),
        name="in.csv",
    )
    assert code == 0
    found = {str(one.pattern["steps"]): one for one in store_of("ws").find()}
    one = found[str([["tea"], ["milk"]])]
    assert (one.kind, one.latest.evidence.confidence) == ("sequence", 1.0)
    assert one.touches == {"all": [{"bought": "tea"}, {"not": {"bought": "milk"}}]}


def test_of_too_many_patterns_the_most_frequent_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(mined, "MOST", 2)
    table = pa.table(
        {
            "antecedent": [["a"], ["b"], ["c"]],
            "consequent": [["x"], ["x"], ["x"]],
            "count": [1, 3, 2],
            "confidence": [0.1, 0.3, 0.2],
        }
    )
    about = {"counts": {"baskets": 10}, "settings": {}, "source": {"sha256": "s"}}
    said = keep_patterns(table, "rules", about, tmp_path, "q")
    assert said == "findings: 2 new, 0 seen again; 1 of 3 patterns not kept"
    assert {one.pattern["if"][0] for one in store_of(tmp_path).find()} == {"b", "c"}


def test_a_question_for_nothing_is_refused(mine, tmp_path):
    code, told = mine("rules", BASKETS, "--min-count", "1", "--question", "paths")
    assert code == 2
    assert "--question is the name of what --keep keeps: give --keep too" in told.err
    assert not (tmp_path / "out.parquet").exists()


def test_damaged_findings_are_refused_before_the_work(mine, tmp_path):
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "findings.db").write_bytes(b"nothing of use" * 99)
    code, told = mine("rules", BASKETS, "--min-count", "1", "--keep", "ws")
    assert code == 3
    assert "are damaged" in told.err
    assert not (tmp_path / "out.parquet").exists()
