"""No CSV that a person may open in a spreadsheet holds a cell that it would run."""

import csv
import io
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

import pipelines
from experiments.report.csv_address import csv_address
from experiments.tracking import Run
from features.quality.rejected import write_rejected
from lodeworks.progress import Silent
from lodeworks.spreadsheet import FORMULA_STARTS
from pipelines.cubes.writing import write_cells
from pipelines.findings import exporting
from pipelines.forgetting import files
from pipelines.lists.writer import COLUMNS, write_list, write_part, write_parts
from pipelines.manifest import Manifest
from pipelines.mining.writing import write_patterns
from pipelines.questions.new_data import write_table
from pipelines.text import _write as write_topics
from pipelines.web import WebTask, web

ROOT = Path(pipelines.__file__).parents[1]
ROOMS = ("lodeworks", "features", "models", "experiments", "pipelines", "app")
WRITES = re.compile(r"\.to_csv\(|csv\.writer\(|csv\.write_csv\(|DictWriter\(|\.CSVWriter\(")
NAME = '=HYPERLINK("http://x")'
NAMES = [f"{start}cmd" for start in FORMULA_STARTS] + [NAME]
TABLE = pd.DataFrame({NAME: NAMES, "n": -1.5})
TABLE["kind"] = TABLE[NAME].astype("category")
# What is written there comes from no file and no person: made-up data, and files copied as they are
# but for the lines of a customer.
OTHERS = {
    "features/generate/writer.py",
    "pipelines/valueclasses/example.py",
    "pipelines/forgetting/files.py",
}


def rows_of_a_list():
    rows = pd.DataFrame(dict.fromkeys(COLUMNS, NAMES))
    numbers = ("rank", "score", "probability", "expected_profit")
    return rows.assign(**dict.fromkeys(numbers, -1), segment=rows["segment"].astype("category"))


def a_list(path):
    write_list([rows_of_a_list()], path)


def a_list_in_parts(path):
    part = path.with_name("part")
    write_part([rows_of_a_list()], part)
    write_parts([part], path)


def a_list_without_a_customer(path):
    write_list([rows_of_a_list()], path.with_name("whole.csv"))
    files._csv_without(path.with_name("whole.csv"), path, {"+cmd"})
    assert len(path.read_text().splitlines()) < len(
        path.with_name("whole.csv").read_text().splitlines()
    )


def cells(path):
    write_cells(TABLE, path)


def predictions(path):
    write_table(TABLE, path)


def a_table_of_a_report(path):
    text = unquote(csv_address(TABLE).partition(",")[2])
    path.write_text(text, newline="")


def a_table_for_mlflow(path):
    run = SimpleNamespace(text=lambda text, _: path.write_text(text, newline=""))
    Run.table(run, TABLE, "leaderboard")


def rejected_rows(path):
    with duckdb.connect() as connection:
        rows = pd.DataFrame({"source": NAMES, "source_line": 1, "rule": NAMES, "reason": NAMES})
        rows["row"] = "{}"
        connection.register("rejected", rows)
        write_rejected(connection, path)


def patterns(path):
    names = pa.array(NAMES).dictionary_encode()
    lists = pa.LargeListArray.from_arrays(pa.array([0, 1, len(NAMES)], pa.int64()), names)
    write_patterns(pa.table({"items": lists, "lift": [-1.0, 2.0]}), path, ".csv")


def findings(path):
    exporting._write_csv([{NAME: name, "lift": -2.0} for name in NAMES], path)


def topics(path):
    found = pd.DataFrame({"topic": NAMES, "words": [NAMES] * len(NAMES)})
    lines = pd.DataFrame({"line": [1]})
    write_topics(path.parent / "out", Manifest("text"), found, lines, TABLE[["n"]].head(1), None)
    (path.parent / "out" / "topics.csv").rename(path)


def lines_of_a_log(path):
    log = path.with_name("=HYPERLINK(1).log")
    out = path.parent / "web"
    day = '10.0.0.1 - ann [01/May/2024:10:0%d:00 +0000] "GET /%s HTTP/1.1" 200 5 "-" "Mozilla"\n'
    log.write_text("nonsense\n" + "".join(day % (minute, minute) for minute in range(3)))
    web(WebTask([log.relative_to(Path.cwd())], out, steps={NAME: "/1"}), Silent())
    path.write_text("".join((out / f"{name}.csv").read_text() for name in ("funnel", "rejected")))


WRITERS = {
    a_list: "pipelines/lists/writer.py",
    a_list_in_parts: "pipelines/lists/writer.py",
    a_list_without_a_customer: "pipelines/forgetting/files.py",
    cells: "pipelines/cubes/writing.py",
    predictions: "pipelines/questions/new_data.py",
    a_table_of_a_report: "experiments/report/csv_address.py",
    a_table_for_mlflow: "experiments/tracking.py",
    rejected_rows: "features/quality/rejected.py",
    patterns: "pipelines/mining/writing.py",
    findings: "pipelines/findings/exporting.py",
    topics: "pipelines/text.py",
    lines_of_a_log: "pipelines/web.py",
}
# The same call as in the others, amid a whole run.
BY_EYE = {"pipelines/crosssell/outputs.py", "pipelines/questions/job.py", "app/pages/explore.py"}


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_no_cell_begins_like_a_formula(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "out.csv"
    write(path)
    text = path.read_bytes().decode()
    table = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert any("=HYPERLINK" in cell for cell in table)
    assert [cell for cell in table if cell.startswith(FORMULA_STARTS) and not is_number(cell)] == []


def test_a_sheet_holds_no_formula(tmp_path):
    from openpyxl import load_workbook

    write_cells(TABLE, tmp_path / "out.xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx").active
    assert f"'{NAME}" in [cell.value for row in sheet.rows for cell in row]
    assert {cell.data_type for row in sheet.rows for cell in row} <= {"s", "n"}


def test_every_place_that_writes_csv_is_looked_at():
    found = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if WRITES.search(path.read_text(encoding="utf-8"))
    }
    assert found == {*WRITERS.values(), *OTHERS, *BY_EYE}


@pytest.mark.parametrize("file", sorted(BY_EYE))
def test_what_a_run_and_a_page_write_is_neutral(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    for call in re.findall(r"(\S+)\.to_csv\(", text):
        assert "neutral(" in call or f"{call.lstrip('(')} = neutral(" in text
