"""`lode mine rules` with a test, a form, and without what is redundant."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

LISTS = [["tea", "jam"]] * 12 + [["tea", "jam", "oil"]] * 3 + [["oil"]] * 9 + [["tea"]] * 2
FORM = (
    "groups: {hot: [tea], sweet: [jam]}\nantecedent: [{group: hot}]\nconsequent: [{group: sweet}]\n"
)


@pytest.fixture
def mined(lode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("".join(",".join(basket) + "\n" for basket in LISTS))
    Path("form.yaml").write_text(FORM)

    def run(*words):
        plain = ("--format", "baskets", "--min-count", "3", "--min-confidence", "0.1")
        return lode("mine", "rules", "a.txt", *plain, *words, "--out", "r.parquet", "--json")

    return run


def rows():
    return pq.read_table("r.parquet").to_pylist()


def manifest():
    return json.loads(Path("r.parquet.manifest.json").read_text())["settings"]


def test_significant_rules_only(mined):
    assert json.loads(mined().out)["patterns"] == 12
    told = mined("--max-p", "0.01", "--correction", "bh")
    assert told.code == 0, told.err
    assert [(row["antecedent"], row["consequent"]) for row in rows()] == [
        (["tea"], ["jam"]),
        (["jam"], ["tea"]),
    ]
    assert all(row["p_value"] <= 0.01 for row in rows())
    assert (manifest()["max_p"], manifest()["correction"]) == (0.01, "bh")


def test_on_held_out_baskets(mined):
    told = mined("--max-p", "0.05", "--hold-out", "0.4", "--seed", "2")
    assert told.code == 0, told.err
    assert "10 baskets are held out; 16 are mined" in told.err
    assert json.loads(told.out)["baskets"] == len(LISTS)
    assert manifest()["hold_out"] == 0.4


def test_without_redundant_rules(mined):
    assert json.loads(mined("--min-improvement", "0").out)["patterns"] < 12
    assert manifest()["min_improvement"] == 0


def test_of_one_form(mined):
    told = mined("--template", "form.yaml")
    assert told.code == 0, told.err
    found = {(frozenset(row["antecedent"]), frozenset(row["consequent"])) for row in rows()}
    assert found == {
        (frozenset(["tea"]), frozenset(["jam"])),
        (frozenset(["tea", "oil"]), frozenset(["jam"])),
    }
    assert manifest()["template"]["groups"] == {"hot": ["tea"], "sweet": ["jam"]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--template", "form.yaml", "--top", "3"), "--template and --top do not go together"),
        (("--template", "form.yaml", "--max-consequent", "1"), "--template and --max-consequent"),
        (("--template", "from.yaml"), "--template: no file from.yaml; did you mean 'form.yaml'?"),
        (("--top", "3", "--max-p", "0.1"), "--top and --max-p do not go together"),
        (("--top", "3", "--min-improvement", "0"), "--top and --min-improvement do not go"),
        (("--hold-out", "0.5"), "--hold-out needs --max-p"),
        (("--max-p", "0.5", "--hold-out", "0.5", "--stream"), "--hold-out and --stream do not go"),
        (("--max-p", "2"), "--max-p 2: above 0 and up to 1"),
    ],
)
def test_what_is_refused(mined, words, message):
    told = mined(*words)
    assert (told.code, Path("r.parquet").exists()) == (2, False)
    assert message in told.err
