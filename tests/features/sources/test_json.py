import gzip
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from features.sources.json import field_of
from features.warehouse import Warehouse
from lodeworks.errors import DataError

COLUMNS = {
    "customer_id": "who.id",
    "item_id": "item",
    "ordered_at": "at",
    "price": {"from": "price", "default": 0},
}
ROW = {"who": {"id": "c1", "tags": ["x", "y"]}, "item": "a", "at": "2011-05-04", "price": 1.5}


@pytest.fixture
def file(tmp_path, declare):
    """Write a JSON file as text and declare it."""

    def make(text, name="orders.json", **more):
        path = tmp_path / name
        content = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return declare("json", **{"path": str(path), "columns": COLUMNS, **more})

    return make


def lines(*rows):
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)


@pytest.mark.parametrize("form", [lines, lambda *rows: json.dumps(rows, indent=2)])
@pytest.mark.parametrize("name", ["orders.json", "orders.json.gz"])
def test_objects_become_rows(file, judge, form, name):
    second = {**ROW, "who": {"id": "c2"}, "price": None}
    judged = judge(file(form(ROW, second), name))
    assert [(row["customer_id"], row["price"]) for row in judged.good] == [("c1", 1.5), ("c2", 0.0)]
    assert [row["line"] for row in judged.good] == [1, 2]
    assert judged.accounted


def test_numbers_stay_as_they_are_written(file, read):
    text = '{"who": {"id": 17850.0}, "item": 12345678901234567890123, "at": 1e3, "price": 0.10}\n'
    _, rows = read(file(text))
    assert rows == [(1, "17850", "12345678901234567890123", "1e3", "0.10")]


def test_nested_values_are_kept_as_json(file, read):
    columns = {"customer_id": "who.id", "tags": "who.tags", "second": "who.tags.1", "ok": "ok"}
    row = {**ROW, "ok": True}
    _, rows = read(file(lines(row), table="customers", columns=columns))
    assert rows == [(1, "c1", '["x", "y"]', "y", "true")]


def test_a_name_with_dots_wins_over_a_path():
    assert field_of({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert field_of({"a": {"b.c": 3}}, "a.b.c") == 3
    assert field_of({"a": [1]}, "a.5") is None
    assert field_of({"a": "text"}, "a.b") is None


def test_malformed_lines_are_kept_and_counted(file, judge):
    bad = ['{"who": ', "[1, 2]", "17", "null", "{'item': 1}", "[" * 100_000]
    judged = judge(file(lines(ROW, "", *bad, ROW)))
    assert [line for line, _, _ in judged.bad] == [3, 4, 5, 6, 7, 8]
    assert {rule for _, rule, _ in judged.bad} == {"no JSON object"}
    reasons = [reason for _, _, reason in judged.bad]
    assert reasons[1:4] == ["not an object: a list", "not an object: a single value",
                            "not an object: null"]  # fmt: skip
    assert reasons[0].startswith("not JSON: Expecting value")
    assert reasons[5] in ("nested too deep",) or reasons[5].startswith("not JSON")
    assert [row["line"] for row in judged.good] == [1, 9]
    assert judged.accounted
    assert all(len(row.text) <= 1000 for row in judged.reading.malformed)


def test_elements_that_are_no_objects_are_kept_and_counted(file, judge):
    judged = judge(file(json.dumps([ROW, 5, "x", ROW])))
    assert [(line, reason) for line, _, reason in judged.bad] == [
        (2, "not an object: a single value"),
        (3, "not an object: a single value"),
    ]
    assert judged.accounted


def test_a_needed_field_that_nobody_has_is_missed_at_once(file, refusal):
    row = {"who": {"ids": 1}, "itm": "a", "at": "2011-01-01"}
    said = refusal(file(lines(row)))
    assert "lacks 3 of the mapped columns" in said
    assert "'who.id': did you mean 'who.ids'?" in said
    assert "'item': did you mean 'itm'?" in said
    assert "'price'" in said


def test_a_field_that_comes_late_is_no_problem(file, read):
    plain = {key: ROW[key] for key in ("who", "item", "at")}
    reading, rows = read(file(lines(*[plain] * 3000, ROW)))
    assert (reading.rows, rows[-1][4]) == (3001, "1.5")


def test_a_field_that_never_comes_is_missed_at_the_end(file, refusal):
    plain = {key: ROW[key] for key in ("who", "item", "at")}
    said = refusal(file(lines(*[plain] * 3000)))
    assert "lacks 1 of the mapped columns" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("  \n", "looks like nothing"),
        ("a,b\n1,2\n", "is declared as JSON but looks like text"),
        ("<a>", "is declared as JSON but looks like HTML or XML"),
        (b"PAR1....", "is declared as JSON but looks like Parquet"),
        (json.dumps(ROW, indent=2), "write each object on a line of its own, or all in an array"),
        ("[" + json.dumps(ROW), "looks cut off: the array has no end"),
        ("[" + json.dumps(ROW) + ', {"who"', "element 2 is not JSON, or the file is cut off"),
        ("[" + json.dumps(ROW) + " {}]", "a comma is missing before '{'"),
        ("[" + json.dumps(ROW) + "] []", "something stands after the end of the array"),
        ("[{'a': 1}]", "element 1 is not JSON"),
        ("[" * 100_000, "element 1 is nested too deep"),
        (b'{"who": "\xff"}\n', "is not text in encoding 'utf-8': byte 0xff in line 1"),
    ],
)
def test_what_is_refused(file, refusal, text, said):
    assert said in refusal(file(text))


def test_gzip_cut_off(file, refusal, tmp_path):
    rows = [{**ROW, "price": n * n} for n in range(20_000)]
    source = file(lines(*rows), "orders.json.gz")
    path = tmp_path / "orders.json.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    assert "looks cut off: the gzip stream ends before its end marker" in refusal(source)


@pytest.mark.parametrize("opening", ['{"who": "', '[{"who": "'])
def test_an_endless_line_is_refused_with_its_limit(file, refusal, tmp_path, monkeypatch, opening):
    """Two GiB of one line pack into two MiB; they must not be unpacked into memory."""
    source = file("x", "orders.json.gz")
    with gzip.open(source.path, "wb", compresslevel=1) as packed:
        packed.write(opening.encode())
        for _ in range(64):
            packed.write(b"a" * (1 << 20))
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "16 MiB, the longest that is read" in refusal(source)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 600 << 10  # KiB


def test_nothing_is_written_when_a_file_is_refused(file, tmp_path):
    place = tmp_path / "store" / "warehouse.duckdb"
    source = file("[" + json.dumps(ROW) + ",")
    with Warehouse.open(place) as warehouse, pytest.raises(DataError, match="looks cut off"):
        warehouse.load([source])
    assert not place.exists()


def test_other_encodings(file, read):
    row = json.dumps({**ROW, "item": "é"}, ensure_ascii=False)
    _, rows = read(file(row.encode("latin-1"), encoding="latin-1"))
    assert rows[0][2] == "é"


keys = st.text(st.characters(codec="utf-8", exclude_characters="."), min_size=1, max_size=4)
leaves = (
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=6)
)
objects = st.lists(st.dictionaries(keys, leaves, max_size=4), max_size=20)


@given(objects, st.sampled_from([None, 1, 7, 64]))
@example([{"k": "ü" * 50}] * 20, 7)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_arrays_and_lines_hold_the_same_objects(file, read, monkeypatch_block, rows, block):
    rows = [{"k": "key", **row} for row in rows] or [{"k": "key"}]
    monkeypatch_block(block)
    columns = {"customer_id": "k"}
    texts = (lines(*rows), json.dumps(rows), json.dumps(rows, ensure_ascii=False, indent=1))
    found = [read(file(text, table="customers", columns=columns))[1] for text in texts]
    expected = [
        (n, v if isinstance(v := row["k"], str | None) else json.dumps(v))
        for n, row in enumerate(rows, 1)
    ]
    assert found == [expected] * 3


@pytest.fixture
def monkeypatch_block(monkeypatch):
    """Make the window of the array small, so that elements go over its edge."""

    def change(size):
        monkeypatch.setattr("features.sources.json_array._BLOCK", size or 1 << 20)

    return change
