import json

import pytest


def test_makes_a_shop(lode, tmp_path):
    out = tmp_path / "shop"
    told = lode("generate", "--out", out, "--lines", "1000", "--seed", "3", "--quiet")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"{out}\n  lines: 1,000\n")
    assert len((out / "lines.csv").read_text().splitlines()) == 1001


def test_options_reach_the_generator(lode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = lode(
        *("generate", "--out", "shop", "--lines", "1000", "--format", "parquet", "--dirty", "0"),
        *("--start", "2020-01-01", "--end", "2020-12-31", "--json", "--quiet"),
    )
    made = json.loads(told.out)
    assert made["counts"]["lines"] == 1000
    assert made["paths"]["lines"].endswith("lines.parquet")
    assert sum(made["dirty"].values()) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--lines", "1"), "lines: 1 given, a whole number from 1,000 to 100,000,000 allowed"),
        (("--start", "2020-13-01"), "'2020-13-01' is not a date such as 2011-11-08"),
        (("--format", "xml"), "'xml' is not one of 'csv', 'parquet'"),
        (("--lines", "many"), "Invalid value for '--lines'"),
    ],
)
def test_refuses_what_cannot_be_generated_and_writes_nothing(lode, tmp_path, words, message):
    told = lode("generate", "--out", tmp_path / "shop", *words)
    assert told.code == 2
    assert message in told.err
    assert list(tmp_path.iterdir()) == []
