"""`lode mine`: what a person types, reads and finds afterwards."""

import csv
import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import pipelines

ROOT = Path(pipelines.__file__).parents[1]
LISTS = 'tea,jam\ntea,"jam"\n"milk, whole",🍵 to go\ntea\n'
KEYS = {"baskets", "items", "patterns", "seconds", "peak_rss_mb"}


@pytest.fixture
def mine(lode, tmp_path, monkeypatch):
    """Mine a file in an empty folder; give what was told and the names of new files."""
    monkeypatch.chdir(tmp_path)

    def type_command(content, *words, what="itemsets", name="in.txt", out="out.parquet"):
        if content is not None:
            Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
        told = lode("mine", what, name, "--out", out, *words)
        return told, sorted(path.name for path in tmp_path.iterdir() if path.name != name)

    return type_command


def test_writes_the_patterns_and_a_manifest(mine):
    told, made = mine(LISTS, "--min-count", 2)
    assert (told.code, made) == (0, ["out.parquet", "out.parquet.manifest.json"])
    assert told.out.startswith("out.parquet: 3 itemsets in 4 baskets of 4 items\n  read ")
    assert "in.txt: read as format 'baskets' (by its content)" in told.err
    rows = {tuple(row["itemset"]): row["count"] for row in pq.read_table(made[0]).to_pylist()}
    assert rows == {("tea",): 3, ("jam",): 2, ("jam", "tea"): 2}
    manifest = json.loads(Path(made[1]).read_text())
    assert (manifest["command"], manifest["what"]) == ("mine", "itemsets")
    assert manifest["settings"]["min_count"] == 2
    assert manifest["counts"] == {"baskets": 4, "items": 4, "patterns": 3}
    assert set(manifest["timings"]) == {"read", "mine", "write"}


def test_odd_names_stay_as_they_are(mine):
    told, _ = mine(LISTS, "--min-support", 0.25, "--target", "maximal", "--quiet", out="out.csv")
    assert (told.code, told.err) == (0, "")
    with Path("out.csv").open(encoding="utf-8", newline="") as file:
        sets = [json.loads(row["itemset"]) for row in csv.DictReader(file)]
    assert sorted(sets) == [["jam", "tea"], ["milk, whole", "🍵 to go"]]


@pytest.mark.parametrize("what", ["itemsets", "rules"])
def test_json_is_exactly_one_object(mine, what):
    told, _ = mine(LISTS, "--min-count", 2, "--json", what=what)
    made = json.loads(told.out)
    assert set(made) == KEYS
    assert (made["baskets"], made["items"], made["patterns"]) == (4, 4, 3 if what != "rules" else 2)
    assert set(made["seconds"]) == {"read", "mine", "write"}


def test_rules_with_measures(mine):
    told, _ = mine(
        LISTS, "--min-count", 2, "--min-confidence", 0.9, "--measure", "leverage", what="rules"
    )
    assert told.code == 0
    assert pq.read_table("out.parquet").to_pylist() == [
        {"antecedent": ["jam"], "consequent": ["tea"], "count": 2, "leverage": 0.125}
    ]


def test_tables_name_their_columns(mine):
    words = ("--customer", "c", "--time", "t", "--item", "i", "--min-count", 2)
    told, _ = mine("c;t;i\n1;mon;a\n1;mon;b\n2;mon;a\n", *words)
    assert told.code == 0
    assert "a table, because --item names a column" in told.err
    assert pq.read_table("out.parquet")["itemset"].to_pylist() == [["a"]]


def test_the_same_answer_for_any_number_of_threads(mine):
    text = "".join(f"{i % 7} {i % 5 + 10} {i % 3 + 20}\n" for i in range(500))
    digests = []
    for jobs in (1, 2, -1):
        mine(text, "--min-count", 3, "--n-jobs", jobs)
        digests.append(Path("out.parquet").read_bytes())
    assert digests[0] == digests[1] == digests[2]


TABLE = "order,item\n17850.0,tea\n"
HALF = gzip.compress(bytes(range(10, 250)) * 99)[:200]
COUNT = ("--min-count", "1")


@pytest.mark.parametrize(
    ("content", "words", "code", "message"),
    [
        (LISTS, ("--min-support", "0"), 2, "--min-support 0: a share above 0 and up to 1"),
        (LISTS, ("--min-support", "-1"), 2, "--min-support -1: a share above 0 and up to 1"),
        (LISTS, ("--min-support", "5"), 2, "--min-count 5 is a number of baskets"),
        (LISTS, ("--min-count", "0"), 2, "--min-count 0: at least 1"),
        (LISTS, ("--min-count", "5"), 2, "--min-count 5: there are only 4 baskets"),
        (LISTS, (*COUNT, "--min-support", "0.5"), 2, "not both"),
        (LISTS, (), 2, "one is needed"),
        (LISTS, (*COUNT, "--max-length", "0"), 2, "--max-length 0: at least 1"),
        (LISTS, (*COUNT, "--n-jobs", "0"), 2, "--n-jobs 0: at least 1, or -1"),
        (LISTS, (*COUNT, "--target", "close"), 2, "'close' is not one of 'frequent', 'closed'"),
        (LISTS, (*COUNT, "--budget-memory", "much"), 2, "such as 500MB, 4GB or 4GiB"),
        (LISTS, (*COUNT, "--timeout", "soon"), 2, "a span of time is needed"),
        (LISTS, (*COUNT, "--format", "xml"), 2, "'xml' is not one of 'fimi', 'spmf'"),
        (LISTS, (*COUNT, "--item", "x", "--format", "fimi"), 2, "format 'fimi' has no columns"),
        (LISTS, (*COUNT, "--format", "fimi"), 3, "looks like format 'baskets'"),
        (LISTS, (*COUNT, "--format", "parquet", "--item", "i", "--time", "t"), 3, "not a Parquet"),
        ("1 2\n3 -1\n", (*COUNT, "--format", "fimi"), 3, "line 2: item -1 is negative"),
        ("", COUNT, 3, "in.txt is empty"),
        (HALF, COUNT, 3, "looks cut off: the gzip stream ends before its end marker"),
        (b"PK\x03\x04", COUNT, 3, "it looks like a zip archive or a spreadsheet"),
        (None, COUNT, 2, "no file in.txt"),
        (TABLE, COUNT, 2, "format 'csv' needs --item COLUMN and one of --basket"),
        (TABLE, (*COUNT, "--item", "itm", "--basket", "order"), 3, "did you mean 'item'?"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(mine, content, words, code, message):
    told, made = mine(content, *words)
    assert (told.code, told.out, made) == (code, "", [])
    assert message in told.err
    assert "Traceback" not in told.err


def test_other_endings_are_refused(mine):
    told, made = mine(LISTS, *COUNT, out="out.xlsx")
    assert (told.code, made) == (2, [])
    assert told.err == "Error: --out out.xlsx: the name must end in .parquet or .csv\n"


def test_all_problems_at_once(mine):
    told, made = mine(None, "--n-jobs", 0, "--max-length", 0, out="out.xlsx")
    assert (told.code, made) == (2, [])
    assert told.err.count("  - ") == 5


def test_ids_that_are_decimal_numbers_are_told(mine):
    told, _ = mine(TABLE, *COUNT, "--item", "order", "--basket", "item")
    assert told.code == 0
    assert "such as 17850.0; they are kept as text" in told.err
    assert pq.read_table("out.parquet")["itemset"].to_pylist() == [["17850.0"]]


@pytest.mark.slow
def test_a_basket_of_ten_thousand_items_is_refused_with_what_would_fit(mine):
    text = " ".join(map(str, range(10_000))) + "\n1 2\n1 2\n"
    told, made = mine(text, *COUNT, "--json")
    assert (told.code, made) == (5, [])
    assert "the longest basket has 10,000 items; 1 basket has more than 100 (33.33%)" in told.err
    error = json.loads(told.out)["error"]
    assert "10^3010 itemsets at least at --min-count 1" in error["message"]
    assert "--min-count 2 (--min-support 0.667) would fit: 3 itemsets" in error["problems"]
    assert any(problem.startswith("--max-basket-size ") for problem in error["problems"])


def test_a_long_basket_that_is_capped_can_be_mined(mine):
    text = " ".join(map(str, range(10_000))) + "\n1 2\n1 2\n"
    told, _ = mine(text, *COUNT, "--max-basket-size", 3)
    assert told.code == 0
    assert "1 basket is cut down to the 3 most frequent items" in told.err
    assert pq.read_table("out.parquet").num_rows == 7


def test_the_budget_of_itemsets_is_kept(mine):
    told, made = mine(LISTS, *COUNT, "--budget-itemsets", 5)
    assert (told.code, made) == (5, [])
    assert "over the budget of 5 itemsets" in told.err
    assert "would fit" in told.err


@pytest.mark.slow
def test_the_search_stops_when_the_time_is_up(mine):
    """All subsets of 26 items, of which 64 GB would hold every one, in one second."""
    rows = [" ".join(str(i) for i in range(26) if i != skip) for skip in range(26)]
    mine("1 2\n", *COUNT, out="compiled.csv")
    Path("compiled.csv").unlink()
    Path("compiled.csv.manifest.json").unlink()
    told, made = mine("\n".join(rows), *COUNT, "--timeout", "1", "--budget-memory", "64GB")
    assert (told.code, made) == (5, [])
    assert "over the budget of " in told.err
    assert "would fit" in told.err


@pytest.mark.parametrize("what", ["itemsets", "rules"])
def test_a_failure_leaves_the_former_output(mine, what):
    Path("out.parquet").write_text("former")
    told, made = mine(LISTS, "--min-count", 9, what=what)
    assert (told.code, made) == (2, ["out.parquet"])
    assert Path("out.parquet").read_text() == "former"


def test_an_output_cannot_be_the_input(mine):
    told, made = mine("tea,jam\nmilk\n", *COUNT, name="out.csv", out="out.csv")
    assert (told.code, made) == (2, [])
    assert "--out out.csv is the file that is read" in told.err
    assert Path("out.csv").read_text() == "tea,jam\nmilk\n"


def test_an_interrupt_while_writing_leaves_nothing(mine, monkeypatch):
    def interrupted(table, path, **options):
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pq, "write_table", interrupted)
    told, made = mine(LISTS, *COUNT)
    assert (told.code, made) == (130, [])


def test_an_interrupt_while_mining_ends_at_once(tmp_path):
    """Twenty-six items in all of forty baskets: a search of 67 million itemsets."""
    rows = [[i for i in range(26) if i != skip] for skip in range(26)] + [list(range(26))] * 14
    file = tmp_path / "in.dat"
    file.write_text("".join(" ".join(map(str, row)) + "\n" for row in rows))
    words = ("mine", "itemsets", file, "--min-count", "1", "--budget-memory", "64GB")
    command = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *map(str, words), "--out", tmp_path / "out.csv"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    for line in command.stderr:
        if line.startswith("search ("):
            break
    command.send_signal(signal.SIGINT)
    assert "interrupted" in command.communicate(timeout=60)[1]
    assert command.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["in.dat"]


@pytest.mark.parametrize("words", [("--help",), ("itemsets", "--help"), ("rules", "-h")])
def test_explains_itself_without_heavy_imports(words):
    code = (
        "import sys\nfrom pipelines.cli import main\n"
        f"code = main({['mine', *words]!r})\n"
        "heavy = {'pandas', 'numpy', 'numba', 'pyarrow'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "Usage: lode mine" in done.stdout
    assert done.stderr.endswith("[]\n")


def test_names_the_kinds_of_patterns(lode):
    assert "Missing command" in lode("mine").err
    told = lode("mine", "itemset")
    assert (told.code, told.out) == (2, "")
    assert "Did you mean 'itemsets'" in told.err


def test_sequences(mine):
    words = ("--customer", "who", "--time", "day", "--item", "item", "--min-count", 2)
    table = "who,day,item\nx,2024-01-01,tea\nx,2024-01-09,jam\ny,2024-02-01,tea\ny,2024-02-02,jam\n"
    told, made = mine(table, *words, what="sequences", out="out.csv")
    assert (told.code, made) == (0, ["out.csv", "out.csv.manifest.json"])
    sets = [row["sequence"] for row in csv.DictReader(Path("out.csv").read_text().splitlines())]
    assert sorted(map(json.loads, sets)) == [[["jam"]], [["tea"]], [["tea"], ["jam"]]]
    told, _ = mine(table, *words, "--max-gap", 3, "--json", what="sequences")
    assert json.loads(told.out)["patterns"] == 2


def test_utility(mine):
    told, _ = mine("1 2:9:4 5\n1:2:2\n", "--min-utility", 9, "--json", what="utility")
    assert json.loads(told.out)["patterns"] == 1
    (row,) = pq.read_table("out.parquet").to_pylist()
    assert (row["itemset"], row["count"], row["utility"]) == (["1", "2"], 1, 9)
    told, made = mine("1 2:9:4 4\n", "--min-utility", 9, what="utility", out="bad.csv")
    assert (told.code, "bad.csv" in made) == (3, False)
    assert "line 1: the total is not the sum of the utilities" in told.err


@pytest.mark.real
@pytest.mark.parametrize(("least", "patterns"), [(1000, 219_012), (5000, 17_439)])
def test_utilities_that_other_programs_agree_on(lode, tmp_path, real_data, least, patterns):
    file, out = real_data / "foodmart_utility.txt", tmp_path / "out.parquet"
    told = lode("mine", "utility", file, "--min-utility", least, "--out", out, "--json")
    assert json.loads(told.out)["patterns"] == patterns


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "count", "patterns"),
    [
        ("retail.dat.gz", 882, 159),
        ("retail.dat.gz", 88, 7_712),
        ("retail.dat.gz", 18, 67_186),
        ("groceries.csv", 10, 13_492),
        ("groceries.csv", 3, 166_682),
        ("bms_webview_1.txt.gz", 60, 3_991),
    ],
)
def test_counts_that_other_programs_agree_on(lode, tmp_path, real_data, name, count, patterns):
    out = tmp_path / "out.parquet"
    told = lode("mine", "itemsets", real_data / name, "--min-count", count, "--out", out, "--json")
    assert json.loads(told.out)["patterns"] == patterns == pq.read_metadata(out).num_rows
