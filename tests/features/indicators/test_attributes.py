"""Declared attributes as numbers, by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.cut import Cut
from features.indicators import FAMILIES, indicators
from features.sources import CsvSource
from features.warehouse import Warehouse
from lodeworks.errors import DataError

AS_OF = date(2011, 6, 30)
BUYERS = 30
FIRST = "id,out,life_stage,birth_year,joined_on,member,region"
COLUMNS = {
    "customer_id": "id",
    "opt_out": "out",
    "life_stage": "life_stage",
    "birth_year": {"from": "birth_year", "type": "number"},
    "joined_on": {"from": "joined_on", "type": "date"},
    "member": {"from": "member", "type": "boolean"},
    "region": "region",
}


def person(number, stage="student", year=1990, joined="2011-06-20", region="North", out="false"):
    member = "true" if number % 2 else "false"
    return f"c{number:02},{out},{stage},{year},{joined},{member},{region}"


def crowd():
    """Give 30 people: 12 students, 11 families, 7 retired, too few to be named."""
    stages = ["student"] * 12 + ["Young Family"] * 11 + ["retired"] * 7
    return [person(number, stage) for number, stage in enumerate(stages)]


def source(folder, name, table, rows, columns, **more):
    path = folder / f"{name}.csv"
    path.write_text("".join(f"{row}\n" for row in rows))
    return CsvSource(name=name, path=str(path), table=table, columns=columns, **more)


@pytest.fixture
def shop(tmp_path):
    """Load people, who all bought once, and what was told of them later."""
    opened = []

    def load(rows, later=(), since=date(2011, 7, 1), buyers=BUYERS, first=FIRST, columns=COLUMNS):
        bought = [f"c{number:02},i,2011-06-01,1,1" for number in range(buyers)]
        names = {"customer_id": "c", "item_id": "i", "ordered_at": "t", "quantity": "n"}
        header = "c,i,t,n,p"
        warehouse = Warehouse.open(None)
        opened.append(warehouse)
        sources = [
            source(tmp_path, "sales", "lines", [header, *bought], {**names, "price": "p"}),
            *([source(tmp_path, "crm", "customers", [first, *rows], columns)] if rows else []),
        ]
        if later:
            told = [first, *later]
            sources.append(
                source(tmp_path, "crm-later", "customers", told, columns, effective=since)
            )
        warehouse.load(sources)
        return warehouse

    yield load
    for warehouse in opened:
        warehouse.close()


def told(warehouse, as_of=AS_OF, columns=None):
    return indicators(Cut.at(warehouse, as_of), ["attributes"], columns=columns)


def test_figures(shop):
    frame = told(shop(crowd()))
    assert list(frame.columns) == [
        "attribute_known",
        "attribute_age",
        "attribute_joined_on_days",
        "attribute_life_stage_is_student",
        "attribute_life_stage_is_young_family",
        "attribute_member",
        "attribute_region_is_north",
    ]
    assert set(frame.dtypes) == {np.dtype("float64")}
    assert frame.loc["c00"].tolist() == [1, 21, 10, 1, 0, 0, 1]
    assert frame.loc["c13"].tolist() == [1, 21, 10, 0, 1, 1, 1]
    assert frame.loc["c29"].tolist() == [1, 21, 10, 0, 0, 1, 1]
    assert frame["attribute_life_stage_is_young_family"].sum() == 11


def test_what_is_told_later_is_not_seen(shop):
    before = told(shop(crowd()))
    changed = [person(number, "widowed", 1950, "2011-01-01", "South") for number in range(BUYERS)]
    warehouse = shop(crowd(), later=changed)
    pd.testing.assert_frame_equal(told(warehouse), before)
    after = told(warehouse, date(2011, 7, 1))
    assert (after["attribute_life_stage_is_widowed"] == 1).all()
    assert (after["attribute_age"] == 61).all()


def test_a_later_date_is_not_seen(shop):
    rows = [*crowd()[1:], person(0, joined="2011-07-15")]
    frame = told(shop(rows))
    assert frame.loc["c00", "attribute_joined_on_days"] == 0
    assert frame.loc["c01", "attribute_joined_on_days"] == 10


def test_columns_of_an_earlier_window_decide(shop):
    columns = list(told(shop(crowd())).columns)
    moved = [person(number, "widowed") for number in range(BUYERS - 1)] + [person(29)]
    frame = told(shop(moved), columns=columns)
    assert list(frame.columns) == columns
    # One student only: enough where the column is asked for.
    assert frame["attribute_life_stage_is_student"].sum() == 1
    assert (frame["attribute_life_stage_is_young_family"] == 0).all()


def test_the_same_people_have_the_same_figures_among_few(shop):
    """A run sees a crowd and a score sees a few; both must give the same numbers."""
    everybody = told(shop(crowd()))
    few = told(shop(crowd()[:3], buyers=3), columns=list(everybody.columns))
    pd.testing.assert_frame_equal(few, everybody.loc[few.index])


def test_most_frequent_values_have_columns(shop):
    rows = [person(n, stage=f"stage {n % 14:02}") for n in range(150 + 1)]
    frame = told(shop(rows, buyers=151))
    kept = [name for name in frame if "life_stage" in name]
    # 151 = 14 * 10 + 11: the first eleven have one more than the others.
    assert kept == [f"attribute_life_stage_is_stage_{n:02}" for n in range(12)]


def test_names_are_plain_and_depend_on_the_value_alone(shop):
    stages = ["Empty-Nest", "empty nest", "Ruhestand für alle", "家庭"]
    rows = [person(number, stages[number % 4]) for number in range(60)]
    frame = told(shop(rows, buyers=60))
    names = [name for name in frame if "life_stage" in name]
    assert frame["attribute_life_stage_is_empty_nest"].sum() == 30
    assert len(names) == 3
    assert all(name.isascii() and name.replace("_", "").isalnum() for name in names)
    alone = told(shop([person(n, "家庭") for n in range(20)], buyers=20))
    assert next(name for name in alone if "life_stage" in name) in names


def test_unknown_people_and_gaps_are_zero(shop):
    rows = [*crowd()[2:], "c00,false,,,,,"]
    frame = told(shop(rows))
    assert (frame.loc["c00"] == 0).all()
    assert (frame.loc["c01"] == 0).all()
    assert frame.loc["c02", "attribute_known"] == 1


def test_nothing_is_told_of_who_opted_out(shop):
    frame = told(shop([*crowd()[1:], person(0, out="true")]))
    assert (frame.loc["c00"] == 0).all()
    assert frame["attribute_life_stage_is_student"].sum() == 11


def test_they_must_be_asked_for(shop):
    assert "attributes" not in FAMILIES
    assert not [name for name in indicators(Cut.at(shop(crowd()), AS_OF)) if "attribute" in name]


def test_attributes_that_nobody_declares_are_refused(shop):
    columns = list(told(shop(crowd())).columns)
    with pytest.raises(DataError, match="need a source of the table 'customers'"):
        told(shop([]), columns=columns)
    fewer = {"customer_id": "id", "opt_out": "out", "life_stage": "life_stage"}
    bare = shop(crowd(), columns=fewer)
    with pytest.raises(DataError, match="declares what these indicators need") as raised:
        told(bare, columns=columns)
    assert "attribute_age" in str(raised.value)
    assert "life_stage" not in str(raised.value)
    with pytest.raises(ValueError, match="no family gives the columns attribute_age"):
        indicators(Cut.at(bare, AS_OF), ["rfm"], columns=["attribute_age"])
