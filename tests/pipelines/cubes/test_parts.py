"""Declarations from files, pictures, and the table that a person reads."""

import pandas as pd
import pytest

from features.cube import Cube
from lodeworks.errors import ConfigError
from lodeworks.spreadsheet import neutral
from pipelines.cubes.declared import load_cube
from pipelines.cubes.plot import plot_cells
from pipelines.cubes.summary import CubeSummary
from pipelines.cubes.writing import bad_files

CUBE = """\
kind: cube
name: shop
tables: {lines: {path: "${PLACE:-.}/lines.csv"}}
fact: lines
dimensions: {d: {levels: {a: lines.a, b: {column: lines.b, within: a}}}}
measures: {x: {kind: sum, column: lines.x}}
"""


@pytest.fixture
def cube(tmp_path):
    (tmp_path / "cube.yaml").write_text(CUBE)
    rows = [(i % 3, i, 1.0) for i in range(200)]
    pd.DataFrame(rows, columns=["a", "b", "x"]).to_csv(tmp_path / "lines.csv", index=False)
    return Cube(load_cube(tmp_path / "cube.yaml", environ={}))


def test_variables_and_bases_are_filled_in(tmp_path):
    (tmp_path / "cube.yaml").write_text(CUBE)
    (tmp_path / "more.yaml").write_text("extends: cube.yaml\nname: more\n")
    declared = load_cube(tmp_path / "more.yaml", environ={"PLACE": "there"})
    assert declared.name == "more"
    assert declared.tables["lines"].path == str(tmp_path / "there" / "lines.csv")


def test_all_problems_of_shape_come_with_their_lines(tmp_path):
    text = CUBE.replace("kind: sum", "kind: sun").replace("name: shop", "nam: shop")
    (tmp_path / "cube.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_cube(tmp_path / "cube.yaml", environ={})
    told = str(caught.value)
    assert "cube.yaml:2: nam: unknown key; did you mean 'name'?" in told
    assert "cube.yaml:6: measures.x.kind: given 'sun'; did you mean 'sum'?" in told
    assert "name: is missing" in told


def test_a_picture_that_nobody_could_read_is_refused_and_not_written(cube, tmp_path):
    cells = cube.view.rows("d.b").result()
    with pytest.raises(ConfigError, match="at most 12 series and 40 bars; this view has 1 and 200"):
        plot_cells(cells, None, tmp_path / "o.png")
    assert not (tmp_path / "o.png").exists()


def test_a_long_table_says_what_it_leaves_out(cube):
    text = CubeSummary("shop", cube.view.rows("d.b").result()).text()
    assert "... and 120 more rows; --out writes all" in text


def test_terminal_words_cannot_hide_in_members(cube):
    summary = CubeSummary("shop", cube.view.rows("d.a").totals().result())
    assert [line.split() for line in summary.text().splitlines()][-1] == ["Total", "200"]


def test_both_files_are_checked_at_once(tmp_path):
    assert len(bad_files(tmp_path / "a.doc", tmp_path)) == 3


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_neutralised_in_cells_and_headers(start):
    frame = pd.DataFrame({f"{start}head": [f"{start}1", "plain", None], "n": [-1.0, 2.0, 3.0]})
    safe = neutral(frame)
    assert safe.columns[0] == f"'{start}head"
    assert safe.iloc[0, 0] == f"'{start}1"
    assert safe["n"].tolist() == [-1.0, 2.0, 3.0]
    assert frame.columns[0] == f"{start}head"
