from datetime import date

import ibis
import pandas as pd

from features.exact import days_between, exact_sum

TERMS = [0.1, 0.2, 0.3, 1e9, -1e9]


def test_a_sum_does_not_depend_on_order():
    sums = set()
    for start in range(len(TERMS)):
        frame = pd.DataFrame({"x": TERMS[start:] + TERMS[:start]})
        table = ibis.duckdb.connect().create_table("t", frame)
        sums.add(exact_sum(table.x).to_pandas())
    assert sums == {0.6}
    assert len({sum(TERMS[start:] + TERMS[:start]) for start in range(len(TERMS))}) > 1


def test_days_are_counted_by_midnights():
    moments = ["2011-01-01 23:59:59", "2011-01-02 00:00:00", "2011-01-31 12:00:00"]
    frame = pd.DataFrame({"at": pd.to_datetime(moments)})
    table = ibis.duckdb.connect().create_table("t", frame)
    days = table.select(days=days_between(table["at"], date(2011, 1, 31))).to_pandas()
    assert list(days["days"]) == [30, 29, 0]
