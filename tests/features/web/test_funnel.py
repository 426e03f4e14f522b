from datetime import datetime, timedelta

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.web import funnel, reached

NOON = datetime(2024, 5, 1, 12)
STEPS = {"product": "^/p", "basket": "^/b"}
SCHEMA = {
    "visitor_id": "string",
    "user": "string",
    "page": "string",
    "at": "timestamp",
    "place": "int64",
}


def views(*rows):
    """One view a row: visitor, second, page; the visitor's user has the same name."""
    full = [
        (visitor, visitor, page, NOON + timedelta(seconds=second), place)
        for place, (visitor, second, page) in enumerate(rows)
    ]
    return ibis.memtable(pd.DataFrame(full, columns=list(SCHEMA)), schema=SCHEMA)


def orders(*rows):
    full = [(customer, NOON + timedelta(seconds=second)) for customer, second in rows]
    return ibis.memtable(
        pd.DataFrame(full, columns=["customer_id", "ordered_at"]),
        schema={"customer_id": "string", "ordered_at": "timestamp"},
    )


def counts(ways):
    return [row["reached"] for row in funnel(ways).to_pyarrow().to_pylist()]


def test_steps_count_in_their_order_only():
    table = views(
        *[("a", 0, "/p"), ("a", 1, "/b")],
        *[("b", 0, "/b"), ("b", 1, "/p")],
        *[("c", 0, "/"), ("c", 1, "/p"), ("c", 2, "/"), ("c", 3, "/b")],
        ("d", 0, "/"),
    )
    rows = funnel(reached(table, STEPS)).to_pyarrow().to_pylist()
    assert rows == [
        {"step": "visit", "reached": 4, "share": 1.0, "of_former": None},
        {"step": "product", "reached": 3, "share": 0.75, "of_former": 0.75},
        {"step": "basket", "reached": 2, "share": 0.5, "of_former": pytest.approx(2 / 3)},
    ]


def test_one_view_cannot_be_two_steps():
    assert counts(reached(views(("a", 0, "/p")), {"one": "/p", "two": "/p"})) == [1, 1, 0]


def test_views_of_one_moment_are_steps_in_the_order_of_the_log():
    assert counts(reached(views(("a", 0, "/p"), ("a", 0, "/b")), STEPS)) == [1, 1, 1]
    assert counts(reached(views(("a", 0, "/b"), ("a", 0, "/p")), STEPS)) == [1, 1, 0]


ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 6), st.sampled_from(["/", "/p", "/b", "/c"])),
    min_size=1,
    max_size=14,
)


def walked(rows, bought):
    """Give the number of steps that each visitor came to."""
    found = {}
    for visitor in {row[0] for row in rows}:
        own = sorted((row[1], place, row[2]) for place, row in enumerate(rows) if row[0] == visitor)
        came, at = 1, own[0][0]
        for second, _, page in own:
            wanted = ["/p", "/b"][came - 1] if came < 3 else None
            if page == wanted:
                came, at = came + 1, second
        found[visitor] = came + (
            came == 3 and any(who == visitor and when >= at for who, when in bought)
        )
    return found


@settings(max_examples=12, deadline=None)
@given(ROWS, st.lists(st.tuples(st.sampled_from("abz"), st.integers(0, 6)), max_size=4))
def test_ways_to_an_order_are_those_of_a_loop(rows, bought):
    came = walked(rows, bought).values()
    found = counts(reached(views(*rows), STEPS, orders=orders(*bought)))
    assert found == [sum(steps > place for steps in came) for place in range(4)]


def test_an_order_before_the_last_step_is_none_of_this_way():
    table = views(("a", 10, "/p"), ("a", 20, "/b"))
    assert counts(reached(table, STEPS, orders=orders(("a", 19)))) == [1, 1, 1, 0]
    assert counts(reached(table, STEPS, orders=orders(("a", 20)))) == [1, 1, 1, 1]


def test_orders_alone_are_a_step():
    assert counts(reached(views(("a", 0, "/"), ("b", 0, "/")), {}, orders=orders(("b", 5)))) == [
        2,
        1,
    ]


@pytest.mark.parametrize("name", ["visit", "order", "visitor_id", "number"])
def test_names_that_are_taken_are_refused(name):
    with pytest.raises(ValueError, match=f"names of their own, not {name}"):
        reached(views(("a", 0, "/")), {name: "/"})


def test_a_funnel_without_steps_is_refused():
    with pytest.raises(ValueError, match="at least one step"):
        reached(views(("a", 0, "/")), {})
