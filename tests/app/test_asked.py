"""Numbers in addresses."""

import pytest
from starlette.requests import Request

from app.asked import number, whole


def asked(query):
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


@pytest.mark.parametrize(
    ("query", "value"),
    [("page=3", 3), ("", 7), ("page=", 7), ("page=-1", 7), ("page=1e3", 7), ("page=%D9%A3", 7),
     ("page=99999999999999999999", 7)],
)  # fmt: skip
def test_whole_numbers(query, value):
    assert whole(asked(query), "page", 7) == value


@pytest.mark.parametrize(
    ("query", "value"),
    [("lift=1.5", 1.5), ("lift=-2", -2.0), ("lift=", None), ("", None), ("lift=nan", None),
     ("lift=inf", None), ("lift=1,5", None)],
)  # fmt: skip
def test_numbers(query, value):
    assert number(asked(query), "lift") == value
