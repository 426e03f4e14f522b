"""`lode mine` in parts, with a state, and for the best only."""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.association import Baskets, association_rules, frequent_itemsets

CHANCE = np.random.default_rng(7)
LISTS = [[str(i) for i in np.flatnonzero(CHANCE.random(8) < 0.4)] for _ in range(60)]
LISTS = [basket or ["0"] for basket in LISTS]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name, baskets=LISTS):
    rows = [(n, item) for n, basket in enumerate(baskets) for item in basket]
    if name == "in.parquet":
        owners, items = zip(*rows, strict=True)
        pq.write_table(pa.table({"b": owners, "i": items}), name)
    elif name == "in.csv":
        Path(name).write_text("b,i\n" + "".join(f"{n},{item}\n" for n, item in reversed(rows)))
    else:
        between = " " if name == "in.dat" else ","
        Path(name).write_text("".join(between.join(basket) + "\n" for basket in baskets))
    return name


def as_dict(path="a.parquet"):
    return {frozenset(row["itemset"]): row["count"] for row in pq.read_table(path).to_pylist()}


def expected(baskets=LISTS, **options):
    found = frequent_itemsets(Baskets.from_lists(baskets), **options)
    return dict(zip(found.sets(), found.counts.tolist(), strict=True))


@pytest.mark.parametrize("name", ["in.dat", "in.txt", "in.csv", "in.parquet"])
@pytest.mark.parametrize("target", ["frequent", "closed"])
def test_in_parts_the_answer_is_the_same(lode, folder, name, target):
    columns = ("--item", "i", "--basket", "b") if name in ("in.csv", "in.parquet") else ()
    form = ("--format", "baskets") if name == "in.txt" else ()
    words = (*columns, *form, "--min-count", "4", "--target", target, "--stream", "--json")
    told = lode("mine", "itemsets", written(name), *words, "--out", "a.parquet")
    assert told.code == 0, told.err
    assert f"{name}: read in parts as format " in told.err
    assert as_dict() == expected(min_count=4, target=target)
    made = json.loads(told.out)
    assert (made["baskets"], made["items"]) == (60, 8)
    assert sorted(path.name for path in folder.iterdir()) == [
        "a.parquet",
        "a.parquet.manifest.json",
        name,
    ]


def test_a_file_larger_than_the_memory_is_read_in_parts(lode, folder):
    name = written("in.dat", [["1", "2", "3"]] * 4000)
    words = ("--min-count", "9", "--out", "a.parquet", "--budget-memory")
    assert "read in parts" not in lode("mine", "itemsets", name, *words, "1MB").err
    told = lode("mine", "itemsets", name, *words, "20KB")
    assert "read in parts as format 'fimi'" in told.err
    assert told.code == 0, told.err
    assert as_dict() == expected([["1", "2", "3"]] * 4000, min_count=9)


def test_rules_of_a_file_in_parts(lode, folder):
    words = ("--min-count", "4", "--min-confidence", "0.5", "--stream", "--out", "a.parquet")
    assert lode("mine", "rules", written("in.dat"), *words).code == 0
    rules = association_rules(
        frequent_itemsets(Baskets.from_lists(LISTS), min_count=4), min_confidence=0.5
    )
    assert pq.read_metadata("a.parquet").num_rows == len(rules) > 10


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ("1 2\n3 -1\n", 3, "line 2: item -1 is negative"),
        ("1 -1 2 -1 -2\n", 2, "--stream: format 'spmf' cannot be read in parts"),
        ("b,i\n1,2\n1,3\n", 2, "format 'csv' needs --item COLUMN"),
    ],
)
def test_what_cannot_be_read_in_parts(lode, folder, content, code, message):
    Path("in").write_text(content)
    form = ("--format", "fimi") if code == 3 else ()
    told = lode("mine", "itemsets", "in", *form, "--min-count", "1", "--stream", "--out", "a.csv")
    assert (told.code, [path.name for path in folder.iterdir()]) == (code, ["in"])
    assert message in told.err


@pytest.mark.parametrize("least", [("--min-support", "0.1"), ("--min-count", "6")])
def test_a_state_gives_what_mining_everything_again_gives(lode, folder, least):
    option = {"min_support": 0.1} if least[0] == "--min-support" else {"min_count": 6}
    words = (*least, "--format", "baskets", "--update", "state.npz", "--out", "a.parquet", "--json")
    for part, (begin, end) in enumerate([(0, 20), (20, 45), (45, 60)]):
        told = lode("mine", "itemsets", written(f"part{part}.txt", LISTS[begin:end]), *words)
        assert told.code == 0, told.err
        assert as_dict() == expected(LISTS[:end], **option)
        assert json.loads(told.out)["baskets"] == end
    assert "state.npz: 45 baskets of 2 files so far" in told.err


def test_a_state_is_left_alone_by_what_fails(lode, folder, monkeypatch):
    one, two = written("one.txt", LISTS[:30]), written("two.txt", LISTS[30:])
    words = ("--format", "baskets", "--update", "state.npz", "--out", "a.parquet")
    assert lode("mine", "itemsets", one, "--min-count", "3", *words).code == 0
    former = {path.name: path.read_bytes() for path in folder.iterdir()}

    told = lode("mine", "itemsets", one, "--min-count", "3", *words)
    assert (told.code, "one.txt was added to state.npz before" in told.err) == (2, True)
    told = lode("mine", "itemsets", two, "--min-count", "4", "--max-length", "2", *words)
    assert told.code == 2
    assert "  - --min-count: 3 then, 4 now\n  - --max-length: none then, 2 now\n" in told.err

    def interrupted(table, path, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pq, "write_table", interrupted)
        assert lode("mine", "itemsets", two, "--min-count", "3", *words).code == 130
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == former
    assert lode("mine", "itemsets", two, "--min-count", "3", *words).code == 0
    assert as_dict() == expected(min_count=3)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}"])
def test_what_is_no_state(lode, folder, content):
    Path("state").write_bytes(content)
    words = ("--min-count", "3", "--update", "state", "--out", "a.csv")
    told = lode("mine", "itemsets", written("in.dat"), *words)
    assert (told.code, Path("a.csv").exists()) == (3, False)
    assert "state is no state of `lode mine itemsets --update`" in told.err
    assert Path("state").read_bytes() == content


def test_the_best_rules(lode, folder):
    words = ("--top", "7", "--by", "lift", "--min-count", "3", "--max-length", "3")
    told = lode("mine", "rules", written("in.dat"), *words, "--out", "a.parquet")
    assert told.code == 0, told.err
    rows = pq.read_table("a.parquet").to_pylist()
    found = frequent_itemsets(Baskets.from_lists(LISTS), min_count=3, max_length=3)
    lifts = np.sort(association_rules(found, max_consequent=1).measure("lift"))[::-1]
    assert np.allclose([row["lift"] for row in rows], lifts[:7])
    assert list(rows[0]) == ["antecedent", "consequent", "count", "lift", "support", "confidence"]


def test_the_best_itemsets_need_no_support(lode, folder):
    told = lode("mine", "itemsets", written("in.dat"), "--top", "5", "--out", "a.parquet")
    assert told.code == 0, told.err
    rows = pq.read_table("a.parquet").to_pylist()
    count = expected(min_count=1, max_length=4)

    def cosine(items):
        single = [count[frozenset([item])] for item in items]
        return count[items] / np.prod(single) ** (1 / len(items))

    best = sorted((cosine(items) for items in count if len(items) > 1), reverse=True)
    assert np.allclose([row["cosine"] for row in rows], best[:5])


@pytest.mark.parametrize(
    ("what", "words", "message"),
    [
        ("rules", ("--by", "lift"), "--top 0: at least 1"),
        ("rules", ("--top", "3", "--by", "lft"), "--by lft: did you mean 'lift'?"),
        ("itemsets", ("--top", "3", "--by", "fisher_p"), "--by fisher_p: allowed: all_confidence"),
        ("itemsets", ("--top", "3", "--stream"), "--top and --stream do not go together"),
        ("itemsets", ("--top", "3", "--min-support", "2"), "--min-support 2: a share above 0"),
        ("rules", ("--stream", "--engine", "mlxtend"), "--stream and --engine mlxtend do not go"),
        ("rules", ("--stream", "--max-basket-size", "9"), "--stream knows no --max-basket-size"),
    ],
)
def test_what_does_not_go_together(lode, folder, what, words, message):
    least = () if "--top" in words or "--by" in words else ("--min-count", "1")
    told = lode("mine", what, written("in.dat"), *words, *least, "--out", "a.csv")
    assert (told.code, [path.name for path in folder.iterdir()]) == (2, ["in.dat"])
    assert message in told.err


@pytest.mark.real
def test_groceries_in_parts(lode, folder, real_data):
    shutil.copy(real_data / "groceries.csv", "in.txt")
    words = ("--min-count", "10", "--stream", "--json", "--out", "a.parquet")
    assert json.loads(lode("mine", "itemsets", "in.txt", *words).out)["patterns"] == 13_492


@pytest.mark.parametrize("step", ["count_chunks", "partitioned_itemsets"])
def test_what_was_sorted_aside_is_removed_after_an_interrupt(lode, folder, monkeypatch, step):
    from models.association import partitioned

    def interrupted(*given, **named):
        assert len(list(aside.iterdir())) == 1
        raise KeyboardInterrupt

    aside = folder / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    monkeypatch.setattr(partitioned, step, interrupted)
    words = ("--item", "i", "--basket", "b", "--min-count", "2", "--stream", "--out", "a.csv")
    assert lode("mine", "itemsets", written("in.csv"), *words).code == 130
    assert list(aside.iterdir()) == []
