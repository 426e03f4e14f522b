import hashlib
import hmac
import subprocess
import sys

import pandas as pd
import pytest

from features.privacy import key_from_environment, pseudonym
from lodeworks.errors import ConfigError

KEY = b"0123456789abcdef0123456789abcdef"


def test_it_is_the_keyed_hash_of_the_text():
    expected = hmac.new(KEY, "Zoë 1".encode(), hashlib.sha256).hexdigest()[:32]
    assert pseudonym(["Zoë 1"], KEY).tolist() == [expected]
    assert pseudonym([7], KEY).tolist() == pseudonym(["7"], KEY).tolist()


def test_null_stays_null_and_the_index_is_kept():
    series = pd.Series(["a", None, "a", "b"], index=[4, 3, 2, 1])
    found = pseudonym(series, KEY)
    assert found.index.tolist() == [4, 3, 2, 1]
    assert found.isna().tolist() == [False, True, False, False]
    assert found[4] == found[2] != found[1]
    assert series.tolist()[0] == "a"


def test_another_key_gives_other_hashes():
    people = [f"C{n}" for n in range(500)]
    mine, other = pseudonym(people, KEY), pseudonym(people, KEY[::-1])
    assert set(mine).isdisjoint(other)
    assert mine.nunique() == 500


def test_another_process_gives_the_same():
    code = f"from features.privacy import pseudonym;print(pseudonym(['C1'], {KEY!r})[0])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == pseudonym(["C1"], KEY)[0]


def test_nobody_and_only_nulls():
    assert pseudonym([], KEY).tolist() == []
    assert pseudonym([None, None], KEY).isna().all()


def test_the_key_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", KEY.decode())
    assert key_from_environment() == KEY


@pytest.mark.parametrize("text", [None, ""])
def test_a_missing_key_is_a_kind_error(monkeypatch, text):
    monkeypatch.delenv("LODE_PSEUDONYM_KEY", raising=False)
    if text is not None:
        monkeypatch.setenv("LODE_PSEUDONYM_KEY", text)
    with pytest.raises(ConfigError, match="LODE_PSEUDONYM_KEY is not set; make one with"):
        key_from_environment()


@pytest.mark.parametrize("text", ["", "too short"])
def test_where_a_key_was_used_no_new_one_is_advised(monkeypatch, text):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", text)
    with pytest.raises(ConfigError, match="; give the key used then") as caught:
        key_from_environment(used=True)
    assert "make one" not in str(caught.value)


def test_a_short_key_is_refused_and_not_shown(monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", "hunter2hunter2")
    with pytest.raises(ConfigError, match="has 14 characters; at least 16") as caught:
        key_from_environment()
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ValueError, match="at least 16 are needed") as caught:
        pseudonym(["a"], b"hunter2")
    assert "hunter2" not in str(caught.value)
