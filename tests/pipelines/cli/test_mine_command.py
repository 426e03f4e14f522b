"""Every option of `lode mine`, typed as the documentation writes it."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

LISTS = [["1", "2"], ["1", "2", "3"], ["1"], ["3"]]
ROWS = [(n, item) for n, basket in enumerate(LISTS) for item in basket]
FORMATS = {
    "fimi": "".join(" ".join(basket) + "\n" for basket in LISTS),
    "spmf": "@CONVERTED_FROM_TEXT\n" + "".join(" ".join(basket) + "\n" for basket in LISTS),
    "baskets": "".join(",".join(basket) + "\n" for basket in LISTS),
    "csv": "b,i,c,t\n" + "".join(f"{n},{item},c{n},{n}\n" for n, item in ROWS),
}
KEYS = ["baskets", "items", "patterns", "seconds", "peak_rss_mb"]
FOUND = {("1",): 3, ("2",): 2, ("3",): 2, ("1", "2"): 2}


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Write the baskets in a format; give the name of the file."""
    monkeypatch.chdir(tmp_path)

    def write(name):
        path = Path(f"in.{name}")
        if name == "parquet":
            owners, items = (list(column) for column in zip(*ROWS, strict=True))
            customers = [f"c{n}" for n in owners]
            columns = {"b": owners, "i": items, "c": customers, "t": owners}
            pq.write_table(pa.table(columns), path)
        else:
            path.write_text(FORMATS[name])
        return str(path)

    return write


def sets(path="found.parquet"):
    rows = pq.read_table(path).to_pylist()
    return {tuple(sorted(row["itemset"])): row["count"] for row in rows}


@pytest.mark.parametrize("name", [*FORMATS, "parquet"])
@pytest.mark.parametrize("least", [("--min-support", "0.5"), ("--min-count", "2")])
def test_every_format_and_support(lode, file, name, least):
    columns = ("--basket", "b", "--item", "i") if name in ("csv", "parquet") else ()
    words = ("--format", name, *columns, *least, "--out", "found.parquet", "--json")
    told = lode("mine", "itemsets", file(name), *words)
    assert told.code == 0, told.err
    assert sets() == FOUND
    made = json.loads(told.out)
    assert list(made) == KEYS
    assert (made["baskets"], made["items"], made["patterns"]) == (4, 3, 4)
    assert list(made["seconds"]) == ["read", "mine", "write"]
    assert made["peak_rss_mb"] > 10


@pytest.mark.parametrize("name", ["csv", "parquet"])
@pytest.mark.parametrize(
    "columns", [("--customer", "c"), ("--time", "t"), ("--customer", "c", "--time", "t")]
)
def test_every_key_of_a_basket(lode, file, name, columns):
    words = ("--item", "i", *columns, "--min-count", "2", "--out", "found.parquet")
    assert lode("mine", "itemsets", file(name), *words).code == 0
    assert sets() == FOUND


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--target", "frequent"), FOUND),
        (("--target", "closed"), {("1",): 3, ("3",): 2, ("1", "2"): 2}),
        (("--target", "maximal"), {("3",): 2, ("1", "2"): 2}),
        (("--max-length", "1"), {("1",): 3, ("2",): 2, ("3",): 2}),
        (("--budget-memory", "4GB", "--n-jobs", "2", "--timeout", "10m"), FOUND),
        (("--budget-itemsets", "4"), FOUND),
        (("--engine", "mlxtend"), FOUND),
        (("--max-basket-size", "1"), {("1",): 3}),
    ],
)
def test_every_choice_of_itemsets(lode, file, words, expected):
    told = lode("mine", "itemsets", file("fimi"), "--min-count", "2", *words, "--out", "a.parquet")
    assert told.code == 0, told.err
    assert sets("a.parquet") == expected


@pytest.mark.parametrize("what", ["itemsets", "rules", "sequences", "sequential-rules", "utility"])
def test_every_kind_prints_the_same_keys(lode, file, what):
    least = ("--min-utility", "1") if what == "utility" else ("--min-count", "1")
    if what == "utility":
        Path("in").write_text("1 2:9:4 5\n")
    elif what.startswith("seq"):
        Path("in").write_text("1 -1 2 -1 -2\n")
    else:
        Path("in").write_text("1 2\n")
    told = lode("mine", what, "in", *least, "--out", "out.csv", "--json", "--quiet")
    assert (told.code, told.err) == (0, "")
    assert list(json.loads(told.out)) == KEYS
    assert sorted(path.name for path in Path().iterdir()) == [
        "in",
        "out.csv",
        "out.csv.manifest.json",
    ]


@pytest.mark.parametrize("engine", ["numba", "mlxtend"])
def test_the_manifest_tells_engine_libraries_and_limits(lode, file, engine):
    words = ("--min-count", "2", "--engine", engine, "--out", "a.csv")
    assert lode("mine", "rules", file("fimi"), *words).code == 0
    manifest = json.loads(Path("a.csv.manifest.json").read_text())
    assert manifest["settings"]["engine"] == engine
    assert engine in manifest["libraries"]
    assert manifest["settings"]["budget_memory"] == 4 * 10**9
    assert set(manifest["timings"]) == {"read", "mine", "write"}


def test_an_input_may_be_packed(lode, file):
    Path("in.gz").write_bytes(gzip.compress(FORMATS["baskets"].encode()))
    assert lode("mine", "itemsets", "in.gz", "--min-count", "2", "--out", "a.parquet").code == 0
    assert sets("a.parquet") == FOUND


ODD = ["whole milk", "a, b", 'say "x"', "🍵", "=1+1", "17850.0"]


@pytest.mark.parametrize("name", ["baskets", "csv", "parquet"])
def test_odd_items_come_back_as_they_are(lode, file, name):
    quoted = ['"' + item.replace('"', '""') + '"' for item in ODD]
    if name == "parquet":
        pq.write_table(pa.table({"b": [1] * len(ODD), "i": ODD}), "in")
    elif name == "csv":
        Path("in").write_text("b,i\n" + "".join(f"1,{item}\n" for item in quoted))
    else:
        Path("in").write_text(",".join(quoted) + "\n")
    columns = () if name == "baskets" else ("--item", "i", "--basket", "b")
    words = (*columns, "--format", name, "--min-count", "1", "--target", "maximal")
    told = lode("mine", "itemsets", "in", *words, "--out", "a.parquet")
    assert told.code == 0, told.err
    assert sets("a.parquet") == {tuple(sorted(ODD)): 1}


def test_ids_that_are_floats_of_parquet(lode, file):
    pq.write_table(pa.table({"b": [1.0, 1.0, None], "i": [17850.0, 3.0, 3.0]}), "in")
    words = ("--item", "i", "--basket", "b", "--min-count", "1", "--target", "maximal")
    told = lode("mine", "itemsets", "in", *words, "--out", "a.parquet")
    assert "column 'b' is of type double; its ids are read as whole numbers" in told.err
    assert sets("a.parquet") == {("17850", "3"): 1}
    pq.write_table(pa.table({"b": [1.5], "i": [3.0]}), "in")
    told = lode("mine", "itemsets", "in", *words, "--out", "b.parquet")
    assert (told.code, Path("b.parquet").exists()) == (3, False)
    assert "holds 1.5; ids are whole numbers or text" in told.err


SUPPORTS = [
    (("--min-support", "0"), "--min-support 0: a share above 0 and up to 1"),
    (("--min-support", "-0.1"), "--min-support -0.1: a share above 0 and up to 1"),
    (("--min-support", "1.5"), "--min-support 1.5: a share above 0 and up to 1"),
    (("--min-count", "0"), "--min-count 0: at least 1"),
    (("--min-count", "-2"), "--min-count -2: at least 1"),
    (("--min-count", "9"), "--min-count 9: there are only "),
    (("--min-support", "nan"), "--min-support nan: a share above 0 and up to 1"),
]


@pytest.mark.parametrize("what", ["itemsets", "rules", "sequences", "sequential-rules"])
@pytest.mark.parametrize(("words", "message"), SUPPORTS)
def test_supports_that_cannot_be(lode, file, what, words, message):
    Path("in").write_text("1 -1 2 -1 -2\n" if what.startswith("seq") else "1 2\n")
    told = lode("mine", what, "in", *words, "--out", "a.parquet")
    assert (told.code, [path.name for path in Path().iterdir()]) == (2, ["in"])
    assert message in told.err


@pytest.mark.parametrize(
    ("name", "content", "words", "message"),
    [
        ("negative", "1 2:3:7 -4\n", (), "negative"),
        ("negative", "b,i,u\n1,a,-5\n", ("--item", "i", "--basket", "b", "--utility", "u"), "neg"),
        ("sum", "1 2:9:4 4\n", (), "line 1: the total is not the sum of the utilities"),
        ("zero", "1 2:9:4 5\n", ("--min-utility", "0"), "--min-utility 0: a number above 0"),
    ],
)
def test_utilities_that_cannot_be(lode, file, name, content, words, message):
    Path("in").write_text(content)
    told = lode("mine", "utility", "in", "--min-utility", "1", *words, "--out", "a.parquet")
    assert told.code == (2 if name == "zero" else 3)
    assert message in told.err
    assert [path.name for path in Path().iterdir()] == ["in"]


def test_time_that_goes_backwards_in_a_table_is_put_in_order(lode, file):
    lines = ["x,2024-01-09,jam", "x,2024-01-01,tea", "y,2024-02-02,jam", "y,2024-02-01,tea"]
    words = ("--customer", "c", "--time", "t", "--item", "i", "--min-count", "2")
    for order in (lines, lines[::-1]):
        Path("in").write_text("\n".join(["c,t,i", *order]) + "\n")
        told = lode("mine", "sequences", "in", *words, "--target", "maximal", "--out", "a.parquet")
        assert told.code == 0, told.err
        found = pq.read_table("a.parquet").to_pylist()
        assert [(row["sequence"], row["count"]) for row in found] == [([["tea"], ["jam"]], 2)]


@pytest.mark.parametrize(
    ("when", "words", "message"),
    [
        (
            "09/01/2024",
            (),
            "in, line 2: column 't' holds '09/01/2024': no ISO date; give --time-format",
        ),
        ("2024-13-45", (), "'2024-13-45': there is no such day"),
        ("09/01/2024", ("--time-format", "%d-%m-%Y"), "not written as --time-format %d-%m-%Y"),
    ],
)
def test_times_that_cannot_be_read(lode, file, when, words, message):
    Path("in").write_text(f"c,t,i\nx,{when},tea\n")
    columns = ("--customer", "c", "--time", "t", "--item", "i", "--min-count", "1")
    told = lode("mine", "sequences", "in", *columns, *words, "--out", "a.parquet")
    assert (told.code, Path("a.parquet").exists()) == (3, False)
    assert message in told.err


OTHER = {
    "fimi": "looks like format 'fimi'",
    "baskets": "looks like format 'baskets'",
    "spmf": "looks like format 'spmf'",
    "parquet": "looks like format 'parquet'",
}


@pytest.mark.parametrize("real", OTHER)
@pytest.mark.parametrize("said", ["fimi", "spmf", "parquet", "csv"])
def test_a_file_in_another_format_is_told(lode, file, real, said):
    if real == said or {real, said} == {"fimi", "spmf"}:  # these two share lines of numbers
        return
    content = {"baskets": "tea,jam\ntea\n", "spmf": "1 -1 2 -1 -2\n", "fimi": "1 2\n1\n"}
    name = file("parquet")
    if real in content:
        Path(name).write_text(content[real])
    columns = ("--item", "i", "--basket", "b") if said in ("csv", "parquet") else ()
    words = ("--format", said, *columns, "--min-count", "1", "--out", "a.csv")
    told = lode("mine", "itemsets", name, *words)
    assert (told.code, Path("a.csv").exists()) == (3, False)
    assert OTHER[real] in told.err


@pytest.mark.parametrize("what", ["itemsets", "rules", "sequences", "sequential-rules"])
def test_spark_without_java_is_told_before_anything_is_read(lode, file, monkeypatch, what):
    monkeypatch.setenv("JAVA_HOME", "nowhere")
    Path("in").write_text("not read")
    told = lode("mine", what, "in", "--min-count", "1", "--engine", "spark", "--out", "a.csv")
    assert (told.code, [path.name for path in Path().iterdir()]) == (2, ["in"])
    assert told.err.startswith("Error: --engine spark cannot run\n")
    assert "no java in JAVA_HOME (nowhere): install Java 17 or later" in told.err
