import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.association import association_rules, frequent_itemsets
from pipelines.mining.writing import bad_output, write_patterns

ODD = ["whole milk", "a, b", 'say "x"', "🍵", "=1+1", "back\\slash", "[", "é", "line\nend"]
shared = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None
)


@shared
@given(baskets=st.lists(st.lists(st.sampled_from(ODD)), min_size=1, max_size=5))
def test_csv_and_parquet_keep_every_name(tmp_path, baskets):
    found = frequent_itemsets(baskets, min_count=1)
    for ending in ("csv", "parquet"):
        write_patterns(found.to_arrow(), tmp_path / f"a.{ending}", f".{ending}")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stored = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert [frozenset(json.loads(row["itemset"])) for row in rows] == found.sets()
    assert [frozenset(row["itemset"]) for row in stored] == found.sets()
    assert [int(row["count"]) for row in rows] == found.counts.tolist()
    assert [float(row["support"]) for row in rows] == [row["support"] for row in stored]


def test_rules_have_two_sides(tmp_path):
    rules = association_rules(frequent_itemsets([["a", "b"], ["a", "b"], ["a"]], min_count=2))
    write_patterns(rules.to_arrow(), tmp_path / "a.csv", ".csv")
    rows = list(csv.reader((tmp_path / "a.csv").read_text().splitlines()))
    assert rows[0] == ["antecedent", "consequent", "count", "support", "confidence", "lift"]
    assert {tuple(row[:3]) for row in rows[1:]} == {
        ('["a"]', '["b"]', "2"),
        ('["b"]', '["a"]', "2"),
    }


def test_outputs_that_cannot_be(tmp_path):
    source = tmp_path / "a.csv"
    source.touch()
    (tmp_path / "b.csv").mkdir()
    assert bad_output(tmp_path / "found.csv", source) == []
    assert bad_output(source, source) == [f"--out {source} is the file that is read"]
    assert bad_output(tmp_path / "b.csv", source) == [f"--out {tmp_path / 'b.csv'} is a folder"]
    assert bad_output(Path("a.xlsx"), source) == [
        "--out a.xlsx: the name must end in .parquet or .csv"
    ]
