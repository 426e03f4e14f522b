from datetime import date
from pathlib import Path

import pytest

from lodeworks import ConfigError
from pipelines.cli.score import read_data


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv", "items.csv", "odd,name=x.csv"):
        (tmp_path / name).touch()
    return tmp_path


WORDS = ("score", "bundle", "--data", "a.csv", "--as-of", "2011-11-08")


def test_hands_everything_over(lode, here, job):
    calls = job("pipelines.score", "score")
    told = lode(
        *("score", "models:/x@champion", "--data", "a.csv,b.csv", "--data", "items=items.csv"),
        *("--as-of", "2011-11-08", "--out", "list.csv", "--opt-out", "o.csv", "--rows", "3"),
        *("--control", "0.2", "--seed", "5", "--workspace", "w", "--quiet"),
        *("--stock", "s.csv", "--contacts", "c.csv", "--baseline", "b.csv"),
        *("--memory", "2GiB", "--workers", "3"),
    )
    assert (told.code, told.out, told.err) == (0, "all done\n", "")
    ((given, named),) = calls
    del named["progress"]
    assert given == ("models:/x@champion",)
    assert named == {
        "data": {"lines": (Path("a.csv"), Path("b.csv")), "items": (Path("items.csv"),)},
        "as_of": date(2011, 11, 8),
        "out": Path("list.csv"),
        "opt_out": Path("o.csv"),
        "suppress": [],
        "rows": 3,
        "control": 0.2,
        "seed": 5,
        "stock": Path("s.csv"),
        "contacts": Path("c.csv"),
        "baseline": Path("b.csv"),
        "findings": False,
        "memory": "2GiB",
        "workers": 3,
        "engine": "duckdb",
        "spark_master": None,
        "workspace": Path("w"),
    }


def test_what_is_not_given_is_left_to_the_bundle(lode, here, job):
    calls = job("pipelines.score", "score")
    assert lode(*WORDS, "--out", "list.parquet").code == 0
    named = calls[0][1]
    left = ("opt_out", "rows", "control", "seed", "memory", "workers")
    assert [named[k] for k in left] == [None] * 6
    assert named["suppress"] == []
    assert named["workspace"] == Path(".lode")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--out", "list.xlsx"), "--out list.xlsx: the name must end in .parquet or .csv"),
        (("--out", "l.csv", "--data", "no.csv"), "--data no.csv: no file 'no.csv'"),
        (
            ("--out", "l.csv", "--as-of", "8.11.2011"),
            "'8.11.2011' is not a date such as 2011-11-08",
        ),
        (("--out", "l.csv", "--rows", "0"), "Invalid value for '--rows'"),
        (("--out", "l.csv", "--control", "2"), "Invalid value for '--control'"),
        ((), "missing: --out (or --basket)"),
        (("--basket", "A"), "--basket makes no list: leave out --data, --as-of"),
        (
            ("--basket", "A", "--seed", "0", "--workers", "2"),
            "leave out --data, --as-of, --seed, --w",
        ),
    ],
)
def test_refuses_bad_usage_before_any_work(lode, here, job, words, message):
    calls = job("pipelines.score", "score")
    told = lode(*WORDS, *words)
    assert told.code == 2
    assert message in told.err
    assert calls == []


def test_a_basket_needs_nothing_but_the_bundle(lode, here, job):
    calls = job("pipelines.score", "basket_offers")
    assert lode("score", "bundle", "--basket", "A,B", "--rows", "3").code == 0
    assert calls == [(("bundle", "A,B"), {"rows": 3, "workspace": Path(".lode")})]


def test_data_files_are_sorted_by_source(here):
    found = read_data(["a.csv", "items=items.csv", "lines=b.csv", "odd,name=x.csv"])
    assert found == {
        "lines": (Path("a.csv"), Path("b.csv"), Path("odd,name=x.csv")),
        "items": (Path("items.csv"),),
    }


@pytest.mark.parametrize("text", ["", "=a.csv", "items=", "a.csv,"])
def test_data_without_a_name_or_file_is_refused(here, text):
    with pytest.raises(ConfigError, match="give FILE or NAME=FILE"):
        read_data([text])


def test_all_missing_files_are_named_at_once(here):
    with pytest.raises(ConfigError, match="data cannot be used") as caught:
        read_data(["x.csv,y.csv", "items=z.csv"])
    assert len(caught.value.problems) == 3
