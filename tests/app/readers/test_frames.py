"""Frames that name people."""

import pandas as pd
import pytest

from app.readers.frames import is_personal


@pytest.mark.parametrize("name", ["customer_id", "Customer ID", "kunden-nr", "user_id", "client"])
def test_a_column_of_identifiers_is_personal(name):
    assert is_personal("scores", pd.DataFrame({name: ["C1"], "profit": [1.0]}))


def test_a_number_of_customers_is_not():
    assert not is_personal("scores", pd.DataFrame({"customers": [5], "profit": [1.0]}))


def test_names_under_that_heading_are():
    assert is_personal("scores", pd.DataFrame({"customers": ["C1"]}))


def test_a_list_is_whatever_it_calls_people():
    assert is_personal("list", pd.DataFrame({"record": [1]}))


def test_identifiers_that_are_numbers_are():
    assert is_personal("scores", pd.DataFrame({"customer_id": [17850]}))
