"""Whom a finding is about is counted in the warehouse."""

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks import DataError, LodeError
from pipelines.findings.touched import count_touched, touched

BOUGHT = {
    "ann": {"tea", "jam"},
    "bob": {"tea"},
    "cat": {"tea", "milk"},
    "dan": {"jam"},
    "eve": set(),
}
AGES = {"ann": 20.0, "bob": 40.0, "cat": None, "dan": 60.0, "eve": 40.0}


def filled(connection):
    """Put the customers and their lines into a database."""
    connection.execute("CREATE TABLE customers (customer_id VARCHAR, age DOUBLE, town VARCHAR)")
    connection.execute(
        "CREATE TABLE lines (customer_id VARCHAR, item_id VARCHAR, is_return BOOLEAN)"
    )
    for name, age in AGES.items():
        connection.execute("INSERT INTO customers VALUES (?, ?, 'York')", [name, age])
    rows = [(who, item, False) for who, items in BOUGHT.items() for item in sorted(items)]
    rows += [("eve", "tea", True), (None, "tea", False), ("ann", "tea", False)]
    connection.executemany("INSERT INTO lines VALUES (?, ?, ?)", rows)
    return connection


@pytest.fixture(scope="module")
def books():
    return filled(duckdb.connect())


def meets(query, who):
    """Say by hand whether a customer is meant."""
    if not query:
        return True
    if "bought" in query:
        return query["bought"] in BOUGHT[who]
    if "all" in query:
        return all(meets(each, who) for each in query["all"])
    if "any" in query:
        return any(meets(each, who) for each in query["any"])
    if "not" in query:
        return not meets(query["not"], who)
    age, value = AGES[who], query.get("value")
    if query["op"] == "missing":
        return age is None
    if age is None:
        return False
    return {
        "==": lambda: age == value, "!=": lambda: age != value, "<": lambda: age < value,
        "<=": lambda: age <= value, ">": lambda: age > value, ">=": lambda: age >= value,
        "in": lambda: age in value,
    }[query["op"]]()  # fmt: skip


ages = st.sampled_from([20.0, 40.0, 50.0, 60.0])
leaves = st.one_of(
    st.just({}),
    st.builds(lambda item: {"bought": item}, st.sampled_from(["tea", "jam", "milk", "gin"])),
    st.builds(
        lambda op, value: {"column": "age", "op": op, "value": value},
        st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
        ages,
    ),
    st.builds(lambda some: {"column": "age", "op": "in", "value": some}, st.lists(ages)),
    st.just({"column": "age", "op": "missing"}),
)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=5,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(query=queries)
def test_the_count_is_that_by_hand(books, query):
    assert count_touched(books, query) == sum(meets(query, who) for who in BOUGHT)


@pytest.mark.parametrize(
    "query",
    [
        {"segment": "3"},
        {"column": "recency_days", "op": "<=", "value": 30},
        {"all": [{"bought": "tea"}, {"not": {"segment": "3"}}]},
        {"column": "age", "op": "==", "value": "old"},
    ],
)
def test_what_the_warehouse_cannot_tell_is_not_counted(books, query):
    assert count_touched(books, query) is None


def test_values_are_no_sql(books):
    evil = "tea'; DROP TABLE lines; --"
    assert count_touched(books, {"bought": evil}) == 0
    assert count_touched(books, {"column": 'town" OR true --', "op": "==", "value": 1}) is None
    assert count_touched(books, {"bought": "tea"}) == 3


def test_a_file_is_read_and_a_missing_one_is_said(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with pytest.raises(DataError, match="nothing was loaded yet"):
        touched(path, {})
    with duckdb.connect(str(path)) as connection:
        filled(connection).execute("CREATE TABLE facts (name VARCHAR, value VARCHAR)")
    assert touched(path, {"bought": "tea"}) == 3
    path.write_bytes(b"nothing")
    with pytest.raises(LodeError, match="cannot be read"):
        touched(path, {})
