"""`lode cube` from the command line: what it prints, writes, refuses, and with which code."""

import json

import duckdb
import openpyxl
import pandas as pd
import pytest

from pipelines.cli import main

CUBE = """\
kind: cube
name: shop
tables:
  lines: {path: lines.csv}
fact: lines
dimensions:
  time:
    time: {column: lines.day}
  place:
    levels: {state: lines.state, town: lines.town}
measures:
  sales: {kind: sum, column: lines.amount, format: ",.2f", unit: EUR}
  cost: {kind: sum, column: lines.cost}
  buyers: {kind: distinct, column: lines.customer}
  margin: {kind: ratio, of: sales - cost, to: sales, format: ".1%"}
wallet: {own: sales, customer: place.town, peers: place.state}
scenarios:
  dearer: [{measures: [sales], scale: 1.5, where: {place.town: [Ash]}}]
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cube.yaml").write_text(CUBE)
    months = pd.date_range("2024-01-01", periods=8, freq="MS")
    lines = pd.DataFrame(
        [
            (day.date(), state, town, f"c{number}", 10.0 + number, 4.0)
            for number, day in enumerate(months)
            for state, town in (("North", "Ash"), ("South", "=SUM(A1)"))
        ],
        columns=["day", "state", "town", "customer", "amount", "cost"],
    )
    lines.to_csv(tmp_path / "lines.csv", index=False)
    return tmp_path


@pytest.fixture
def lode(shop, capsys):
    def type_command(*words):
        code = main(["cube", "cube.yaml", *map(str, words)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_command


def files(folder):
    return {path.name for path in folder.iterdir()} - {"cube.yaml", "lines.csv"}


def test_a_table_for_people(lode):
    code, out, _ = lode("--rows", "place.state", "--measures", "sales,margin", "--totals")
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["place.state", "sales", "margin"] in lines
    assert ["North", "108.00", "70.4%"] in lines
    assert ["Total", "216.00", "70.4%"] in lines


def test_many_columns_are_stacked(lode):
    _, out, _ = lode("--rows", "place.state", "--columns", "time.month", "--measures", "sales,cost")
    assert ["North", "sales", "10.00", "11.00"] in [line.split()[:4] for line in out.splitlines()]


def test_one_object_for_machines(lode):
    code, out, _ = lode(
        *("--rows", "place.state", "--columns", "time.quarter", "--measures", "sales"),
        *("--where", "time.month=2..4", "--where", "place.town=Ash", "--totals"),
        *("--share-of-parent", "sales", "--rank", "sales", "--json"),
    )
    told = json.loads(out)
    assert code == 0
    assert told["rows"] == ["place.state"]
    assert told["columns"] == ["time.year", "time.quarter"]
    assert told["measures"]["sales"] == {"format": ",.2f", "unit": "EUR"}
    assert told["cells"][0] == {
        "place.state": "North",
        "time.year": 2024,
        "time.quarter": 1,
        "grain": "place.state, time.year, time.quarter",
        "sales": 23.0,
        "sales share": 1.0,
        "sales rank": 1.0,
    }
    assert told["cells"][-1]["grain"] == "Total"


def test_files_hold_the_cells_and_no_formula(lode, shop):
    for ending in ("csv", "xlsx", "parquet"):
        code, out, _ = lode("--rows", "place.town", "--measures", "sales", "--out", f"o.{ending}")
        assert code == 0
        assert f"written: o.{ending}" in out
    assert "'=SUM(A1),place.town,108.0" in (shop / "o.csv").read_text()
    sheet = openpyxl.load_workbook(shop / "o.xlsx").active
    assert [cell.value for cell in sheet["A"]] == ["place.town", "'=SUM(A1)", "Ash"]
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert pd.read_parquet(shop / "o.parquet")["place.town"].tolist() == ["=SUM(A1)", "Ash"]


def test_comparisons_over_time(lode):
    _, out, _ = lode(
        *("--rows", "time.month", "--measures", "sales", "--growth", "sales"),
        *("--difference", "sales", "--running-total", "sales", "--json"),
    )
    last = json.loads(out)["cells"][-1]
    assert last["sales difference"] == 2.0
    assert last["sales growth"] == pytest.approx(2 / 32)
    assert last["sales running total"] == 216.0


def test_what_if_by_text_and_by_name(lode):
    _, out, _ = lode(
        *("--measures", "sales", "--json", "--what-if", "dearer"),
        *("--what-if", "less: sales -10% where place.state=South"),
    )
    (cell,) = json.loads(out)["cells"]
    assert cell["sales [dearer]"] == 270.0
    assert cell["sales [less] difference"] == pytest.approx(-10.8)


def test_a_trend_with_its_interval_and_a_picture(lode, shop):
    code, out, _ = lode(
        *("--columns", "time.month", "--measures", "sales", "--trend", 2),
        *("--plot", "t.svg", "--out", "t.csv"),
    )
    assert code == 0
    assert "2024-10" in out
    assert "ETS(" in out
    table = pd.read_csv(shop / "t.csv")
    assert table["forecast"].notna().sum() == 2
    assert (shop / "t.svg").read_text().startswith("<?xml")


def test_a_picture_is_the_same_every_time(lode, shop):
    for name in ("a.svg", "b.svg", "c.png"):
        code, _, _ = lode(
            *("--rows", "place.state", "--columns", "time.month", "--measures", "sales"),
            *("--plot", name),
        )
        assert code == 0
    assert (shop / "a.svg").read_bytes() == (shop / "b.svg").read_bytes()
    assert (shop / "c.png").read_bytes().startswith(b"\x89PNG")


def test_the_share_of_wallet_says_that_it_is_an_estimate(lode):
    code, out, _ = lode("--rows", "place.state", "--wallet")
    assert code == 0
    assert "! ESTIMATE" in out


def test_members_of_a_level(lode):
    _, out, _ = lode("--members", "place.state", "--json")
    assert json.loads(out)["members"] == [{"place.state": "North"}, {"place.state": "South"}]


def test_everything_unknown_is_told_at_once_and_nothing_is_written(lode, shop):
    code, out, err = lode(
        *("--rows", "plce.town", "--measures", "sale", "--where", "place.town=Asch"),
        *("--out", "o.csv", "--json"),
    )
    assert code == 2
    problems = json.loads(out)["error"]["problems"]
    assert len(problems) == 3
    assert "did you mean 'place'?" in problems[0]
    assert "did you mean 'sales'?" in err
    assert "did you mean 'Ash'?" in err
    assert files(shop) == set()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "o.txt"], "--out o.txt: the name must end in .csv, .parquet or .xlsx"),
        (["--plot", "o.pdf"], "--plot o.pdf: the name must end in .svg or .png"),
        (["--plot", "o.svg"], "--plot needs a level on rows or columns"),
        (["--trend", 3], "--trend needs one measure in --measures"),
        (["--trend", 3, "--wallet", "--measures", "sales"], "not both"),
        (["--wallet", "--rank", "sales"], "go without --what-if and comparisons"),
        (["--measures", "sales", "--trend", 2], "a trend needs levels of one dimension of time"),
        (["--what-if", "x: buyers * 2"], "'buyers' cannot be changed"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_written(lode, shop, words, message):
    code, _, err = lode(*words)
    assert code == 2
    assert message in err
    assert files(shop) == set()


def test_a_declaration_is_checked_with_its_lines(lode, shop):
    text = CUBE.replace("column: lines.cost", "colum: lines.cost").replace("fact: lines", "fact: x")
    (shop / "cube.yaml").write_text(text)
    code, _, err = lode()
    assert code == 2
    assert "cube.yaml:13: measures.cost.colum: unknown key; did you mean 'column'?" in err
    (shop / "cube.yaml").write_text(CUBE.replace("fact: lines", "fact: lnes"))
    code, _, err = lode()
    assert "cube.yaml:5: fact: unknown table 'lnes'; did you mean 'lines'?" in err


def test_bad_data_has_its_own_code(lode, shop):
    (shop / "lines.csv").unlink()
    code, _, err = lode()
    assert code == 3
    assert "there is no file" in err


def test_paths_count_from_the_declaration(lode, shop, monkeypatch):
    (shop / "elsewhere").mkdir()
    monkeypatch.chdir(shop / "elsewhere")
    assert main(["cube", "../cube.yaml", "--members", "place.state"]) == 0


def test_a_cube_over_the_warehouse_reads_it_while_others_do(shop, capsys):
    (shop / "ws").mkdir()
    path = shop / "ws" / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE lines AS SELECT * FROM 'lines.csv'")
    (shop / "cube.yaml").write_text(CUBE.replace("{path: lines.csv}", "lines"))
    words = ["cube", "cube.yaml", "--workspace", "ws", "--measures", "sales", "--json"]
    before = path.read_bytes()
    with duckdb.connect(str(path), read_only=True):
        assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["cells"] == [{"grain": "Total", "sales": 216.0}]
    assert path.read_bytes() == before


def test_a_missing_warehouse_is_named(shop, capsys):
    (shop / "cube.yaml").write_text(CUBE.replace("{path: lines.csv}", "lines"))
    assert main(["cube", "cube.yaml", "--workspace", "none"]) == 3
    assert "there is no warehouse none/warehouse.duckdb" in capsys.readouterr().err


def test_small_groups_are_hidden_in_what_is_written(lode, shop):
    lines = pd.read_csv(shop / "lines.csv")
    more = lines.iloc[[0] * 6].assign(customer=[f"d{number}" for number in range(6)])
    pd.concat([lines, more]).to_csv(shop / "lines.csv", index=False)
    text = f"{CUBE}privacy: {{min_group: 5, count: buyers}}\n"
    (shop / "cube.yaml").write_text(text)
    code, out, _ = lode("--rows", "time.month", "--measures", "sales", "--totals", "--out", "o.csv")
    assert code == 0
    assert "7 cells are hidden" in out
    sales = pd.read_csv(shop / "o.csv")["sales"]
    # January: 20 as before and six times 10; the other months are of one buyer each
    assert sales.dropna().unique().tolist() == [80.0, 276.0]
    assert sales.isna().sum() == 7


def test_a_level_of_which_all_is_hidden_is_not_written(lode, shop):
    (shop / "cube.yaml").write_text(f"{CUBE}privacy: {{min_group: 5, count: buyers}}\n")
    words = ("--rows", "time.month", "--measures", "sales", "--totals", "--out", "o.csv")
    assert "8 cells are hidden" in lode(*words)[1]
    assert pd.read_csv(shop / "o.csv")["sales"].tolist() == [216.0]


def test_too_many_cells_for_a_sheet_are_refused(shop):
    from lodeworks.errors import ConfigError
    from pipelines.cubes.writing import refuse_too_many

    with pytest.raises(ConfigError, match="do not fit a sheet"):
        refuse_too_many(2_000_000, shop / "o.xlsx")
    refuse_too_many(2_000_000, shop / "o.csv")
