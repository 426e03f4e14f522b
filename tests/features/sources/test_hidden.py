from features.sources import CsvSource
from features.sources.hidden import hide_identifiers, hides_customers

COLUMNS = {"session_id": "s", "visitor_id": "v", "customer_id": "c", "started_at": "t"}


def test_customers_and_visitors_are_hidden_and_nothing_else():
    given = CsvSource(path="visits.csv", table="sessions", columns=COLUMNS)
    hidden = hide_identifiers(given)
    found = {name for name, spec in hidden.columns.items() if spec.pseudonymise}
    assert found == {"customer_id", "visitor_id"}
    assert hide_identifiers(hidden) == hidden
    assert (hides_customers(given), hides_customers(hidden)) == (False, True)


def test_a_source_without_persons_stays_as_it_is():
    given = CsvSource(path="items.csv", table="items", columns={"item_id": "i"})
    assert hide_identifiers(given) == given
    assert not hides_customers(given)
