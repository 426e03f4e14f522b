import pandas as pd
import pytest

from features.privacy import pseudonym
from features.sources import CsvSource
from features.sources.hidden import hide_identifiers
from lodeworks.errors import ConfigError
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.hidden import hide_excluded, hide_rows

KEY = "a key of sixteen characters"
OPEN = CsvSource(path="s.csv", columns={"customer_id": "c", "item_id": "i", "ordered_at": "t"})
HIDDEN = hide_identifiers(OPEN)
GIVEN = Exclusions(
    frozenset({"ann", "bob"}),
    frozenset({"tea"}),
    pd.DataFrame({"customer_id": ["cyd"], "item_id": ["cup"]}),
)


@pytest.fixture
def hashed(monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", KEY)
    return lambda *names: list(pseudonym(names, KEY.encode()))


def test_who_is_named_is_excluded_under_the_pseudonym_too(hashed):
    found = hide_excluded(GIVEN, [OPEN, HIDDEN])
    assert found.customers == {"ann", "bob", *hashed("ann", "bob")}
    assert found.items == {"tea"}
    assert found.pairs.to_numpy().tolist() == [["cyd", "cup"], [*hashed("cyd"), "cup"]]


def test_nothing_changes_where_customers_are_known_by_name(monkeypatch):
    monkeypatch.delenv("LODE_PSEUDONYM_KEY", raising=False)
    rows = pd.DataFrame({"customer_id": ["ann"]})
    assert hide_excluded(GIVEN, [OPEN]) is GIVEN
    assert hide_rows(rows, [OPEN]) is rows
    assert hide_excluded(Exclusions(), [HIDDEN]).customers == frozenset()


def test_rows_stand_under_both_names(hashed):
    rows = pd.DataFrame({"customer_id": ["ann", None], "day": [1, 2]})
    found = hide_rows(rows, [HIDDEN])
    assert found["customer_id"].dropna().tolist() == ["ann", *hashed("ann")]
    assert found["day"].tolist() == [1, 2, 1]
    assert len(rows) == 2


def test_rows_without_customers_are_left_alone(hashed):
    rows = pd.DataFrame({"item_id": ["tea"]})
    assert hide_rows(rows, [HIDDEN]) is rows


def test_without_the_key_nobody_is_kept_off_by_chance(monkeypatch):
    monkeypatch.delenv("LODE_PSEUDONYM_KEY", raising=False)
    with pytest.raises(ConfigError, match="LODE_PSEUDONYM_KEY is not set"):
        hide_excluded(GIVEN, [HIDDEN])
