from collections import Counter
from itertools import groupby, pairwise

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.web import END, START, paths, transitions

SESSIONS = st.lists(
    st.lists(st.sampled_from(["/", "/a", "/b"]), min_size=1, max_size=7), min_size=1, max_size=6
)


def views(sessions):
    rows = [
        (f"s{number}", position + 1, page)
        for number, pages in enumerate(sessions)
        for position, page in enumerate(pages)
    ]
    frame = pd.DataFrame(rows, columns=["session_id", "position", "page"])
    return ibis.memtable(frame.sample(frac=1, random_state=0))


@settings(max_examples=30, deadline=None)
@given(SESSIONS)
def test_steps_are_those_of_a_loop_and_rows_sum_to_one(sessions):
    expected = Counter(step for pages in sessions for step in pairwise([START, *pages, END]))
    rows = transitions(views(sessions)).to_pyarrow().to_pylist()
    assert {(row["from_page"], row["to_page"]): row["steps"] for row in rows} == expected
    left = Counter()
    for row in rows:
        left[row["from_page"]] += row["share"]
    assert all(total == pytest.approx(1) for total in left.values())


@settings(max_examples=30, deadline=None)
@given(SESSIONS, st.integers(2, 4))
def test_ways_are_those_of_a_loop(sessions, length):
    held = Counter()
    for pages in sessions:
        moved = [page for page, _ in groupby(pages)]
        runs = {tuple(moved[at : at + length]) for at in range(len(moved) - length + 1)}
        held.update(runs)
    rows = paths(views(sessions), length).to_pyarrow().to_pylist()
    found = [(tuple(row["path"]), row["sessions"]) for row in rows]
    assert found == sorted(held.items(), key=lambda way: (-way[1], way[0]))


def test_a_way_has_two_pages_at_least():
    with pytest.raises(ValueError, match="at least 2 but got 1"):
        paths(views([["/"]]), 1)


def test_without_views_there_are_no_steps():
    nothing = views([["/"]]).filter(ibis.literal(False))
    assert transitions(nothing).count().execute() == 0
    assert paths(nothing).count().execute() == 0
