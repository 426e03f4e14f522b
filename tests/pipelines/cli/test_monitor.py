from datetime import date
from pathlib import Path

import pytest

from lodeworks import ConfigError
from pipelines.cli.monitor import read_limits

WORDS = ("monitor", "models:/x@champion", "--as-of", "2011-11-08", "--quiet")


def test_hands_everything_over(lode, tmp_path, monkeypatch, job):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").touch()
    calls = job("pipelines.monitor", "monitor")
    told = lode(
        *WORDS, "--data", "a.csv", "--list", "l.parquet", "--limit", "psi=0.4", "--out", "m.json"
    )
    assert (told.code, told.out, told.err) == (0, "all done\n", "")
    (((request,), named),) = calls
    assert named["workspace"] == Path(".lode")
    assert (request.address, request.as_of) == ("models:/x@champion", date(2011, 11, 8))
    assert request.data == {"lines": (Path("a.csv"),)}
    assert request.limits == {"psi": 0.4}
    assert (request.earlier, request.out) == (Path("l.parquet"), Path("m.json"))


@pytest.mark.parametrize("missing", ["--data", "--as-of"])
def test_what_is_needed(lode, missing):
    given = {"--data": "a.csv", "--as-of": "2011-11-08"}
    del given[missing]
    told = lode("monitor", "b", *[word for pair in given.items() for word in pair])
    assert told.code == 2
    assert missing in told.err


def test_limits_that_cannot_be_read_are_all_named():
    with pytest.raises(ConfigError) as caught:
        read_limits(["psi", "auc=high", "missing=0.2"])
    assert "--limit psi: give NAME=NUMBER" in str(caught.value)
    assert "--limit auc=high" in str(caught.value)
    assert "missing" not in str(caught.value)
