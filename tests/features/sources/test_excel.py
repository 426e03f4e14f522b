import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.sources import workbook as checks
from features.warehouse import Warehouse
from lodeworks.errors import DataError

HEADER = ["No", "Article", "Sold", "Pieces", "Price"]
COLUMNS = {
    "customer_id": "No",
    "item_id": "Article",
    "ordered_at": "Sold",
    "quantity": "Pieces",
    "price": "Price",
}
ROWS = [
    [17850, "a", datetime(2011, 12, 1, 8, 26), 6, 2.55],
    ["c2", "b", datetime(2011, 12, 2), 1.5, 3],
]


@pytest.fixture
def workbook(tmp_path, declare):
    """Write a workbook with one sheet and declare it."""

    def make(rows=(), *, header=HEADER, change=None, **more):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Sales"
        for row in ([header] if header else []) + list(rows):
            sheet.append(row)
        if change is not None:
            change(book, sheet)
        path = tmp_path / "sales.xlsx"
        book.save(path)
        return declare("excel", **{"path": str(path), "columns": COLUMNS, **more})

    return make


def repacked(source, **parts):
    """Write the workbook again with some of its parts replaced."""
    with zipfile.ZipFile(source.path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    kept |= {name.replace("__", "/").replace("_xml", ".xml"): text for name, text in parts.items()}
    with zipfile.ZipFile(source.path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in kept.items():
            archive.writestr(name, text)
    return source


def test_cells_become_typed_values(workbook, judge):
    judged = judge(workbook(ROWS))
    assert judged.bad == []
    assert judged.good == [
        {
            "line": 2,
            "customer_id": "17850",
            "item_id": "a",
            "ordered_at": datetime(2011, 12, 1, 8, 26),
            "quantity": 6.0,
            "price": 2.55,
        },
        {
            "line": 3,
            "customer_id": "c2",
            "item_id": "b",
            "ordered_at": datetime(2011, 12, 2),
            "quantity": 1.5,
            "price": 3.0,
        },
    ]


def test_wrong_cells_are_rejected_with_the_number_of_their_row(workbook, judge):
    rows = [*ROWS, [], [None, "a", datetime(2011, 12, 1), 1, 1], ["c", "a", "soon", 1, "#N/A"]]
    judged = judge(workbook(rows))
    assert judged.bad == [
        (5, "customer_id is missing", "customer_id is missing"),
        (6, "ordered_at is not a timestamp", "ordered_at: 'soon' is not a timestamp"),
    ]
    assert judged.accounted
    assert judged.reading.rows == 4  # a row without any value is no row


def test_dates_and_texts_of_one_column_are_both_read(workbook, judge):
    columns = {**COLUMNS, "ordered_at": {"from": "Sold", "format": "%d.%m.%Y"}}
    rows = [["c", "a", date(2011, 12, 1), 1, 1], ["c", "a", "24.12.2011", 1, 1]]
    judged = judge(workbook(rows, columns=columns))
    assert [row["ordered_at"] for row in judged.good] == [
        datetime(2011, 12, 1),
        datetime(2011, 12, 24),
    ]


def test_sheets_are_chosen_by_name_or_number(workbook, read, refusal):
    def second(book, _):
        other = book.create_sheet("Other")
        other.append(HEADER)
        other.append(["other", "a", datetime(2011, 1, 1), 1, 1])

    for sheet, found in ((None, "17850"), ("Sales", "17850"), ("Other", "other"), (2, "other")):
        _, rows = read(workbook(ROWS, change=second, sheet=sheet))
        assert rows[0][1] == found
    said = refusal(workbook(ROWS, change=second, sheet="Othr"))
    assert "has no sheet 'Othr'; did you mean 'Other'?" in said
    assert "has 2 sheets, no sheet 3" in refusal(workbook(ROWS, change=second, sheet=3))


def test_the_header_may_stand_lower(workbook, read):
    above = [["Sales of December"], [], HEADER, *ROWS]
    _, rows = read(workbook(above, header=None, header_row=3))
    assert [row[0] for row in rows] == [4, 5]


def test_a_range_leaves_out_what_stands_around_it(workbook, read):
    def shifted(_, sheet):
        sheet.insert_cols(1, 2)
        sheet.insert_rows(1, 3)
        sheet["A5"] = "a note"
        sheet["C9"] = "Total"

    _, rows = read(workbook(ROWS, change=shifted, range="C4:G6"))
    assert [row[:3] for row in rows] == [(5, "17850", "a"), (6, "c2", "b")]
    reading, _ = read(workbook(ROWS, change=shifted, range="C4:G6"))
    assert reading.names == HEADER


def test_a_sheet_without_a_header_names_columns_by_letter(workbook, read):
    columns = {"customer_id": "A", "item_id": "B", "ordered_at": "C"}
    reading, rows = read(workbook(ROWS, header=None, header_row=0, columns=columns))
    assert reading.names == ["A", "B", "C", "D", "E"]
    assert [row[0] for row in rows] == [1, 2]


def test_formulas_give_the_values_that_were_saved(workbook, read):
    source = workbook([["c", "a", datetime(2011, 1, 1), 2, "=D2*1.5"]])
    with zipfile.ZipFile(source.path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    cached = re.sub(r"(<f>D2\*1.5</f>)<v ?/>", r"\1<v>3.25</v>", sheet)
    assert cached != sheet
    _, rows = read(repacked(source, xl__worksheets__sheet1_xml=cached))
    assert rows[0][5] == "3.25"


def test_columns_without_a_name_are_left_out(workbook, read):
    rows = [[*row[:2], "note", *row[2:]] for row in ROWS]
    reading, found = read(workbook(rows, header=["No", "Article", None, "Sold", "Pieces", "Price"]))
    assert reading.names == HEADER
    assert found[0][3] == "2011-12-01 08:26:00"


@pytest.mark.parametrize("cells", ["B1:C1", "A1:A2", "D1:E3"])
def test_merged_cells_in_the_header_are_named(workbook, refusal, cells):
    said = refusal(workbook(ROWS, change=lambda _, sheet: sheet.merge_cells(cells)))
    assert f"sheet 'Sales': merged cells in the header row 1: {cells}; split them" in said


def test_merged_cells_elsewhere_do_not_matter(workbook, read):
    title = [["Sales of December"], HEADER, *ROWS]
    source = workbook(
        title, header=None, header_row=2, change=lambda _, sheet: sheet.merge_cells("A1:E1")
    )
    _, rows = read(source)
    assert len(rows) == 2


def test_merged_ranges_are_found_over_the_edge_of_a_block(workbook, monkeypatch):
    def merge(_, sheet):
        for row in range(2, 40, 2):
            sheet.merge_cells(f"A{row}:B{row}")

    source = workbook(ROWS, change=merge)
    expected = {f"A{row}:B{row}" for row in range(2, 40, 2)}
    for block in (1 << 20, 97, 13):
        monkeypatch.setattr(checks, "_BLOCK", block)
        assert (
            set(checks.merged_ranges(source.path, "xl/worksheets/sheet1.xml", "here")) == expected
        )


def test_all_missing_columns_are_listed_with_the_nearest(workbook, refusal):
    said = refusal(workbook(ROWS, header=["No", "Artikle", "Sold", "Pices", "Price"]))
    assert "lacks 2 of the mapped columns" in said
    assert "'Article': did you mean 'Artikle'?" in said
    assert "'Pieces': did you mean 'Pices'?" in said


def test_names_that_stand_twice_are_refused_when_mapped(workbook, refusal):
    said = refusal(workbook(ROWS, header=["No", "No", "Sold", "Pieces", "Price"], columns={
        "customer_id": "No", "item_id": "Pieces", "ordered_at": "Sold"}))  # fmt: skip
    assert "more than one column named No" in said


def test_an_empty_sheet_has_no_header(workbook, refusal):
    assert "has no header: its row 1 holds nothing" in refusal(workbook(header=None))


def test_a_file_that_is_missing_empty_or_something_else(workbook, refusal, tmp_path, declare):
    source = workbook(ROWS)

    def declared(name, content):
        (tmp_path / name).write_bytes(content)
        return source.model_copy(update={"path": str(tmp_path / name)})

    whole = (tmp_path / "sales.xlsx").read_bytes()
    assert "no such file" in refusal(source.model_copy(update={"path": "no.xlsx"}))
    assert "is empty" in refusal(declared("e.xlsx", b""))
    assert "looks like text" in refusal(declared("t.xlsx", b"No,Article\n"))
    assert "looks like Parquet" in refusal(declared("p.xlsx", b"PAR1...."))
    assert "looks cut off or damaged" in refusal(declared("c.xlsx", whole[: len(whole) // 2]))
    damaged = whole[:600] + b"\0" * 400 + whole[1000:]
    assert "looks cut off or damaged" in refusal(declared("d.xlsx", damaged))
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert "is an old Excel workbook (.xls): save it as .xlsx" in refusal(declared("o.xls", old))
    locked = old + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    assert "is protected by a password" in refusal(declared("l.xlsx", locked))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("content.xml", "an OpenDocument file"),
        ("word/document.xml", "a Word document"),
        ("xl/workbook.bin", "a binary Excel workbook"),
        ("sales.csv", "a zip archive"),
    ],
)
def test_another_archive_is_named(tmp_path, declare, refusal, name, found):
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "text")
    said = refusal(declare("excel", path=str(path), columns=COLUMNS))
    assert f"is declared as Excel but looks like {found}" in said


def test_a_zip_bomb_is_refused_before_it_is_unpacked(workbook, refusal):
    bomb = b"<worksheet>" + b" " * (64 << 20)
    said = refusal(repacked(workbook(ROWS), xl__worksheets__sheet1_xml=bomb))
    assert "looks like a zip bomb: xl/worksheets/sheet1.xml would grow" in said
    assert "500 times are allowed" in said


def test_a_table_of_contents_that_leads_outside_of_the_file_is_refused(workbook, refusal):
    source = workbook()
    path = Path(source.path)
    content, middle = path.read_bytes(), path.stat().st_size // 2
    path.write_bytes(content[:middle] + content[middle + 1 :])  # every place is one too far
    assert "looks cut off or damaged" in refusal(source)


def test_a_workbook_that_would_fill_the_disk_is_refused(workbook, refusal, monkeypatch):
    monkeypatch.setattr(checks, "LARGEST_UNPACKED", 1 << 10)
    assert "0 MiB are allowed" in refusal(workbook(ROWS))


def test_a_table_of_texts_that_would_fill_the_memory_is_refused(workbook, refusal, monkeypatch):
    monkeypatch.setattr(checks, "LARGEST_TEXTS", 10)
    assert "MiB of texts; 0 MiB are allowed: save the sheet as CSV" in refusal(
        repacked(workbook(ROWS), xl__sharedStrings_xml=b"<sst></sst>")
    )


def test_declared_entities_are_refused(workbook, refusal):
    text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'
    said = refusal(repacked(workbook(ROWS), xl__worksheets__sheet1_xml=text))
    assert "xl/worksheets/sheet1.xml declares entities; this is refused" in said


def test_nothing_is_written_when_a_workbook_is_refused(workbook, tmp_path):
    source = workbook(ROWS, change=lambda _, sheet: sheet.merge_cells("A1:B1"))
    place = tmp_path / "store" / "warehouse.duckdb"
    with Warehouse.open(place) as warehouse, pytest.raises(DataError, match="merged cells"):
        warehouse.load([source])
    assert not place.exists()


def test_a_workbook_loads_and_every_row_is_accounted_for(workbook):
    source = workbook([*ROWS, ["c3", "a", "never", 1, 1]])
    with Warehouse.open(None) as warehouse:
        report = warehouse.load([source])
        assert (report.rows_in, report.rows_loaded, report.rows_rejected) == (3, 2, 1)
        assert warehouse.lines.amount.sum().to_pandas() == pytest.approx(6 * 2.55 + 1.5 * 3)


words = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=6
)
words = words.filter(lambda word: not word.startswith(("=", "_x")))


@given(
    st.lists(
        st.tuples(words, st.integers(-(10**14), 10**14), st.dates(date(1990, 1, 1))), max_size=15
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_values_come_back_as_they_were_written(workbook, read, rows):
    columns = {"customer_id": "name", "number": "number", "day": "day"}
    source = workbook(rows, header=["name", "number", "day"], table="customers", columns=columns)
    reading, found = read(source)
    assert [row[1:3] for row in found] == [(name, str(number)) for name, number, _ in rows]
    assert [row[3][:10] for row in found] == [str(day) for _, _, day in rows]
    assert reading.rows == len(rows)
