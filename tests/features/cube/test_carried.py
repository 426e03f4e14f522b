"""Balances carried forward over periods without a new state, against figures by hand."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from features.cube import Cube, CubeDeclaration
from lodeworks.errors import ConfigError

HELD = {
    "kind": "balance",
    "column": "b.state",
    "of": ["b.account"],
    "over": "b.at",
    "carry": True,
    "until": "b.closed_on",
}

# x says nothing in February and April, nobody does in April; y moves to N in March; z is closed.
STATES = [
    ("x", "N", "2024-01-10", 100.0, None),
    ("x", "N", "2024-03-05", 90.0, None),
    ("x", "N", "2024-05-20", 70.0, None),
    ("y", "S", "2024-01-20", 10.0, None),
    ("y", "N", "2024-03-10", 30.0, None),
    ("z", "S", "2024-02-15", 5.0, "2024-03-31"),
]


def bank(rows=STATES, measures=None, **more):
    connection = duckdb.connect()
    connection.execute(
        'CREATE TABLE b (account VARCHAR, branch VARCHAR, "at" DATE, state DOUBLE, closed_on DATE)'
    )
    connection.executemany("INSERT INTO b VALUES (?, ?, ?, ?, ?)", rows)
    declared = {
        "name": "bank",
        "tables": {"b": "b"},
        "fact": "b",
        "dimensions": {
            "time": {"time": {"column": "b.at"}},
            "branch": {"levels": {"name": "b.branch"}},
        },
        "measures": measures or {"held": HELD, "states": {"kind": "count"}},
        **more,
    }
    return Cube(CubeDeclaration.model_validate(declared), connection)


def by_month(view, name="held"):
    frame = view.result().frame
    return dict(zip(frame["time.month"], frame[name], strict=True))


def test_a_period_without_a_state_has_the_last_one_known():
    months = bank().view.rows("time.month").measures("held", "states")
    # z is closed on the last day of March, so it is not held at its end
    assert by_month(months) == {1: 110, 2: 115, 3: 120, 4: 120, 5: 100}
    # what is carried is no new row
    assert by_month(months, "states") == {1: 2, 2: 1, 3: 2, 4: 0, 5: 1}


def test_without_carrying_only_what_was_told_in_a_period_counts():
    plain = {key: value for key, value in HELD.items() if key not in ("carry", "until")}
    months = bank(measures={"held": plain}).view.rows("time.month")
    assert by_month(months) == {1: 110, 2: 5, 3: 120, 5: 70}


def test_totals_over_time_are_those_of_the_last_end_and_branches_add_up():
    view = bank().view.rows("time.month").columns("branch.name").measures("held").totals()
    pivot = view.result().pivot()
    assert pivot["N"]["held"].tolist() == [100, 100, 120, 120, 100, 100][: len(pivot)]
    south = pivot["S"]["held"].fillna(0).tolist()
    assert south == [10, 15, 0, 0, 0, 0][: len(pivot)]
    assert pivot["Total"]["held"].tolist() == [110, 115, 120, 120, 100, 100]


def test_a_coarser_period_ends_with_its_finest_one():
    quarters = bank().view.rows("time.quarter").measures("held").result().frame
    assert quarters["held"].tolist() == [120, 100]
    assert bank().view.measures("held").result().frame["held"].tolist() == [100]


def test_conditions_of_time_choose_periods_and_not_states():
    cube = bank()
    view = cube.view.rows("time.month").measures("held")
    assert by_month(view.where("time.month=2..4")) == {2: 115, 3: 120, 4: 120}
    february = cube.view.measures("held").where("time.month=2")
    assert february.result().frame["held"].tolist() == [115]
    assert by_month(view.where("branch.name=S")) == {1: 10, 2: 15}


def test_a_period_in_which_nothing_was_told_can_be_chosen():
    april = bank().view.measures("held").where("time.month=4")
    assert april.result().frame["held"].tolist() == [120]
    with pytest.raises(ConfigError, match="has no member 'W'"):
        april.where("branch.name=W")


def test_a_scenario_reaches_what_is_carried():
    view = bank().view.rows("time.month").measures("held")
    more = view.what_if("more: held * 2 where branch.name=N", "late: held * 2 where time.month=4")
    assert by_month(more, "held [more]") == {1: 210, 2: 215, 3: 240, 4: 240, 5: 200}
    assert by_month(more, "held [late]") == {1: 110, 2: 115, 3: 120, 4: 240, 5: 100}


moments = st.integers(0, 90)
rows = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from("NS"), moments, st.integers(0, 99),
              st.none() | moments),
    min_size=1, max_size=12, unique_by=lambda row: (row[0], row[2]),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(rows)
def test_every_day_is_that_of_the_rule_told_in_python(given_rows):
    day = [str(one[0]) for one in duckdb.sql(
        "SELECT CAST(unnest(generate_series(DATE '2024-01-01', DATE '2024-03-31', "
        "INTERVAL 1 DAY)) AS DATE)").fetchall()]  # fmt: skip
    told = [
        (who, where, day[at], float(state), None if end is None else day[end])
        for who, where, at, state, end in given_rows
    ]
    frame = bank(told).view.rows("time.day", "branch.name").measures("held").result().frame
    cells = zip(frame["time.day"], frame["branch.name"], frame["held"], strict=True)
    found = {(str(at)[:10], where): value for at, where, value in cells if value == value}
    expected: dict = {}
    last = max(row[2] for row in given_rows)
    for at in range(min(row[2] for row in given_rows), last + 1):
        for who in "xyz":
            known = [row for row in given_rows if row[0] == who and row[2] <= at]
            if not known:
                continue
            _, where, _, state, end = max(known, key=lambda row: row[2])
            if end is None or end > at:
                expected[day[at], where] = expected.get((day[at], where), 0) + state
    assert found == expected


def test_what_cannot_be_carried_is_said():
    with pytest.raises(ValidationError, match="carry is the last state at the end of a period"):
        bank(measures={"held": {**HELD, "take": "average"}})
    with pytest.raises(ValidationError, match="until ends a state that is carried forward"):
        bank(measures={"held": {**HELD, "carry": False}})
    with pytest.raises(ConfigError, match=r"a dimension with time: \{column: b.at\} is needed"):
        bank(dimensions={"branch": {"levels": {"name": "b.branch"}}})
    with pytest.raises(ConfigError, match="privacy counts the rows of a period"):
        bank(privacy={"min_group": 3, "count": "states"})
