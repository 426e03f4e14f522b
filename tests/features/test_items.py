from datetime import date

import numpy as np
import pytest

from features.cut import Cut
from features.items import item_features
from features.sources import CsvSource

LINES = (
    "a,o1,x,2011-03-31,1,2",
    "a,o2,x,2011-03-02,1,4",
    "b,o3,x,2011-03-01,1,9",
    "b,o3,y,2011-03-01,2,5",
    "b,o4,y,2011-04-01,2,500",
)
AS_OF = date(2011, 3, 31)


@pytest.fixture
def catalogue(tmp_path):
    path = tmp_path / "catalogue.csv"
    path.write_text("id,name,group,dept,earns\nx,Ex,tea,food,0.5\nz,Zed,cup,home,9\ny,Y,,,\n")
    columns = {
        "item_id": "id",
        "item_name": "name",
        "category": "group",
        "department": "dept",
        "margin": "earns",
    }
    return CsvSource(path=str(path), table="items", columns=columns)


def test_figures_of_items_sold_in_the_cut(loaded):
    frame = item_features(Cut.at(loaded(*LINES), AS_OF))
    assert list(frame.index) == ["x", "y"]
    assert set(frame.dtypes) == {np.dtype("float64")}
    x, y = frame.loc["x"], frame.loc["y"]
    assert (x.price, x.popularity_30, x.popularity_all, x.first_sold_days) == (4, 1, 2, 30)
    assert (y.price, y.popularity_30, y.popularity_all, y.first_sold_days) == (5, 0, 1, 30)
    assert frame[["margin", "category_code", "department_code"]].isna().all().all()


def test_a_catalogue_gives_margins_and_codes(loaded, catalogue):
    frame = item_features(Cut.at(loaded(*LINES, extra=[catalogue]), AS_OF))
    assert list(frame.index) == ["x", "y"]
    assert frame.loc["x", ["margin", "category_code", "department_code"]].tolist() == [0.5, 0, 0]
    assert frame.loc["y", ["margin", "category_code", "department_code"]].isna().all()


def test_margin_comes_from_cost_when_nothing_is_declared(loaded):
    columns = {
        "customer_id": "customer",
        "item_id": "item",
        "ordered_at": "when",
        "price": "price",
        "cost": "pieces",
    }
    frame = item_features(Cut.at(loaded(*LINES, columns=columns), AS_OF))
    assert frame["margin"].tolist() == [3.0, 3.0]  # x: 1, 3, 8; y: 5 - 2
