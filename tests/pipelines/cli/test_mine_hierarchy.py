"""`lode mine` with a product hierarchy, typed by a person."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

BASKETS = "ale,nuts\nstout,nuts\n" * 10 + "nuts\n" * 5
PARENTS = "item,parent\nale,beer\nstout,beer\nnuts,snacks\n"
GROUPS = "item,kind\nale,beer\nstout,beer\nnuts,snacks\n"


@pytest.fixture
def mine(lode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text(BASKETS)

    def type_command(what, taxonomy, *words):
        Path("tax.csv").write_text(taxonomy)
        told = lode("mine", what, "in.txt", "--taxonomy", "tax.csv", *words, "--out", "a.parquet")
        made = Path("a.parquet")
        return told, pq.read_table(made).to_pylist() if made.exists() else None

    return type_command


@pytest.mark.parametrize(("text", "name"), [(PARENTS, "beer"), (GROUPS, "kind: beer")])
def test_groups_are_found_like_items(mine, text, name):
    told, rows = mine("itemsets", text, "--min-count", "15")
    assert told.code == 0, told.err
    assert {tuple(sorted(row["itemset"])): row["count"] for row in rows}[(name,)] == 20
    assert "tax.csv: 5 names on 2 levels" in told.err


def test_a_support_for_a_level(mine):
    words = ("--min-count", "5", "--level-support", "kind=0.9", "--same-level")
    told, rows = mine("itemsets", GROUPS, *words)
    assert told.code == 0, told.err
    sets = {tuple(sorted(row["itemset"])) for row in rows}
    assert sets == {
        ("ale",),
        ("ale", "nuts"),
        ("kind: snacks",),
        ("nuts",),
        ("nuts", "stout"),
        ("stout",),
    }
    manifest = json.loads(Path("a.parquet.manifest.json").read_text())
    assert manifest["settings"]["level_support"] == ["kind=0.9"]


def test_explained_rules_are_left_out_unless_wanted(mine):
    words = ("--min-count", "5", "--min-confidence", "0.9", "--max-consequent", "1")
    told, rows = mine("rules", PARENTS, *words)
    assert "rules follow from a rule on larger groups and are left out; --keep-uninter" in told.err
    assert not [row for row in rows if row["antecedent"] == ["ale"]]
    told, every = mine("rules", PARENTS, *words, "--keep-uninteresting")
    assert "left out" not in told.err
    assert [row for row in every if row["antecedent"] == ["ale"]]
    told, some = mine("rules", PARENTS, *words, "--interest", "1")
    assert len(rows) <= len(some) <= len(every)


@pytest.mark.parametrize(
    ("text", "words", "code", "message"),
    [
        ("item,parent\nale,beer\nbeer,ale\n", (), 3, "the taxonomy has a cycle: 'ale' -> 'beer'"),
        (PARENTS.replace("stout", "stot"), (), 3, "  - 'stout'; did you mean 'stot'?"),
        (PARENTS + "ale,wine\n", (), 3, "line 5: 'ale' has the parent 'wine', but 'beer' in line"),
        ("ale\n", (), 3, "tax.csv is no taxonomy: its first line must name two columns or more"),
        (GROUPS, ("--level-support", "knd=0.5"), 2, "--level-support knd: no such level; did you"),
        (GROUPS, ("--level-support", "5%"), 2, "'5%': LEVEL=SHARE is needed, such as 1=0.05"),
        (GROUPS, ("--engine", "spark"), 2, "--taxonomy and --engine spark do not go together"),
    ],
)
def test_what_cannot_be_used(mine, text, words, code, message):
    told, rows = mine("itemsets", text, "--min-count", "1", *words)
    assert (told.code, rows) == (code, None), told.err
    assert message in told.err
    assert sorted(path.name for path in Path().iterdir()) == ["in.txt", "tax.csv"]


def test_levels_without_a_hierarchy(lode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text(BASKETS)
    told = lode("mine", "rules", "in.txt", "--min-count", "1", "--same-level", "--out", "a.csv")
    assert (told.code, told.err) == (2, "Error: --same-level: levels need --taxonomy FILE\n")


@pytest.mark.real
def test_groceries(lode, tmp_path, real_data):
    """Counts of single groups, added up from the baskets by hand."""
    out = tmp_path / "a.parquet"
    items = (real_data / "groceries_items.csv").read_text().splitlines()[1:]
    beef = {line.split(",")[0] for line in items if line.split(",")[1] == "beef"}
    baskets = (real_data / "groceries.csv").read_text().splitlines()
    held = sum(not beef.isdisjoint(line.split(",")) for line in baskets)
    words = ("--taxonomy", real_data / "groceries_items.csv", "--min-count", "100")
    told = lode("mine", "itemsets", real_data / "groceries.csv", *words, "--out", out)
    assert told.code == 0, told.err
    rows = pq.read_table(out).to_pylist()
    assert [row["count"] for row in rows if row["itemset"] == ["level2: beef"]] == [held]
    assert held > 500
