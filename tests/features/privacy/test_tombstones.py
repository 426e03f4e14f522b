import json

import pytest

from features.privacy import Forgotten
from lodeworks.errors import ConfigError, DataError

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", KEY)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "warehouse.duckdb"


def written(place, *names):
    Forgotten.beside(place).adding(names).write(place.with_name("forgotten.json"))


def test_nobody_is_forgotten_at_first(place, monkeypatch):
    monkeypatch.delenv("LODE_PSEUDONYM_KEY")
    forgotten = Forgotten.beside(place)
    assert not forgotten
    assert forgotten.among(["a"]) == frozenset()


def test_marks_are_kept_and_told_apart(place):
    written(place, "a", "b")
    forgotten = Forgotten.beside(place)
    assert forgotten
    assert forgotten.among(["a", "A", "b", "ab", "a"]) == {"a", "b"}


def test_the_file_names_nobody_and_not_the_key(place):
    written(place, "customer-77")
    text = place.with_name("forgotten.json").read_text()
    assert "customer-77" not in text
    assert KEY not in text
    assert KEY not in repr(Forgotten.beside(place))


def test_adding_the_same_twice_is_adding_once(place):
    written(place, "a")
    first = place.with_name("forgotten.json").read_bytes()
    written(place, "a")
    assert place.with_name("forgotten.json").read_bytes() == first


def test_another_key_is_refused_rather_than_letting_people_back(place, monkeypatch):
    written(place, "a")
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", KEY[::-1])
    with pytest.raises(ConfigError, match="was made with another key"):
        Forgotten.beside(place)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"marks": []}', '{"key_check": "x"}'])
def test_a_damaged_file_is_told(place, text):
    place.with_name("forgotten.json").write_text(text)
    with pytest.raises(DataError, match="is damaged: restore it"):
        Forgotten.beside(place)


def test_marks_cannot_be_taken_for_pseudonyms(place):
    from features.privacy import pseudonym

    written(place, "a")
    marks = json.loads(place.with_name("forgotten.json").read_text())["marks"]
    assert not marks[0].startswith(pseudonym(["a"], KEY.encode())[0])
