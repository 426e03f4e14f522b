"""The keys about the warehouse: its zone, its money, privacy, and the marts of a run."""

import pytest
import yaml

from lodeworks.errors import ConfigError
from pipelines.config import load, resolved

LINES = {"customer_id": "c", "item_id": "i", "ordered_at": "t"}
CONTACTS = {
    "kind": "csv",
    "path": "contacts.csv",
    "table": "contacts",
    "columns": {"customer_id": "c", "contacted_at": "t"},
}


@pytest.fixture
def read(tmp_path):
    def reading(*more, **changes):
        lines = {"kind": "csv", "path": "lines.csv", "columns": LINES}
        values = {"kind": "cross-sell", "name": "x", "sources": [lines, *more], **changes}
        path = tmp_path / "x.yaml"
        path.write_text(yaml.safe_dump(values))
        return load(path)

    return reading


def test_nothing_is_stated_at_first(read):
    config = read()
    assert (config.timezone, config.currency) == (None, None)
    assert (config.privacy.pseudonymise, config.privacy.min_group) == (False, 10)
    assert not any(spec.pseudonymise for spec in config.sources[0].columns.values())


def test_identifiers_are_hidden_in_every_source_and_stay_so_when_written_out(read, tmp_path):
    config = read(CONTACTS, privacy={"pseudonymise": True})
    for source in config.sources:
        hidden = {name for name, spec in source.columns.items() if spec.pseudonymise}
        assert hidden == {"customer_id"}
    again = tmp_path / "again.yaml"
    again.write_text(resolved(config))
    assert load(again) == config


def test_columns_that_nobody_named_cannot_be_hidden(read):
    visits = {"kind": "csv", "path": "v.csv", "table": "own:visits", "columns": "all"}
    with pytest.raises(ConfigError, match="visit: a source that takes all columns"):
        read({**visits, "name": "visit"}, privacy={"pseudonymise": True})
    assert read({**visits, "name": "visit"}).sources[1].all_columns


def test_the_money_of_the_report_is_that_of_the_warehouse(read):
    assert read(currency="EUR").economics.currency == "EUR"
    assert read(currency="EUR", economics={"currency": "EUR"}).economics.currency == "EUR"
    assert read().economics.currency == "GBP"


def test_marts_can_be_named_with_their_detail(read):
    config = read(CONTACTS, features={"families": ["rfm", "contacts"]})
    assert config.features.families == ("rfm", "contacts")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timezone": "Europe/Lodnon"}, "did you mean 'Europe/London'"),
        ({"currency": "pounds"}, "currency"),
        (
            {"currency": "EUR", "economics": {"currency": "USD"}},
            "its currency is USD, but the warehouse's money is EUR",
        ),
        ({"privacy": {"min_group": 0}}, "privacy.min_group"),
        ({"privacy": {"pseudonymize": True}}, "did you mean 'pseudonymise'"),
        (
            {"features": {"families": ["rfm", "web", "contacts"]}},
            "'web' needs a source of the table 'sessions'; "
            "'contacts' needs a source of the table 'contacts'",
        ),
        ({"features": {"families": ["contcts"]}}, "did you mean 'contacts'"),
    ],
)
def test_what_cannot_be_meant_is_refused(read, changes, said):
    with pytest.raises(ConfigError) as caught:
        read(**changes)
    assert said in str(caught.value)
