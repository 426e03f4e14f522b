"""The searches for deviations on tables made by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import DataError
from pipelines.config.deviation import Changes, Exceptions, Members
from pipelines.deviating.changes import find_changes
from pipelines.deviating.drafts import deviation_drafts
from pipelines.deviating.exceptions import find_exceptions
from pipelines.deviating.found import COLUMNS, table_of
from pipelines.deviating.members import find_members
from pipelines.deviating.reading import Seen, classes_of, level_cuts


def shop(n=60):
    """Give customers who buy tea and milk once a month for ten; c00 buys no milk, c01 stops."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(n):
        for month in range(10):
            if number == 1 and month >= 6:
                continue
            day = pd.Timestamp("2024-10-26") - pd.Timedelta(days=30 * (9 - month))
            order = (f"c{number:02}", f"o{number}-{month}", day)
            rows.append((*order, "T", 10.0 + rng.uniform()))
            if number:
                rows.append((*order, "M", 5.0))
    columns = ["customer_id", "order_id", "ordered_at", "item_id", "amount"]
    bought = pd.DataFrame(rows, columns=columns)
    spend = bought.groupby("customer_id")["amount"].sum()
    features = pd.DataFrame({"monetary": spend, "noise": rng.normal(size=n)})
    features.loc["c05", "noise"] = 50.0
    items = pd.DataFrame(
        {"item_id": ["M", "T"], "item_name": ["Milk", "Tea"], "category": ["Dairy", "Drinks"]}
    )
    region = pd.DataFrame({"region": "North"}, index=features.index[1:])
    return Seen(date(2024, 10, 31), features, bought, region, items)


def test_classes():
    seen = shop()
    assert set(classes_of(seen, "all")) == {"all customers"}
    assert classes_of(seen, "region").value_counts().to_dict() == {"North": 59, "unknown": 1}
    assert set(classes_of(seen, "pyramid")) <= {"top", "large", "medium", "small"}
    with pytest.raises(DataError, match="no column 'regoin'; did you mean 'region'"):
        classes_of(seen, "regoin")


def test_the_strange_member_comes_first_with_its_reason():
    found = find_members(shop(), Members(by="all", share=0.02, least=20), 0, min_group=10)
    first = found.table.iloc[0]
    assert (first["subject"], first["measure"]) == ("c05", "noise")
    assert first["text"].startswith("unusual among all customers: noise is 50, usually")
    by_class = found.overview["Unusual by class"].set_index("class")
    assert by_class.loc["all customers", "customers"] == 60
    assert np.isnan(by_class.loc["all customers", "unusual"])  # fewer than ten
    assert found.overview["Reasons"]["customers"].isna().all()


def test_customers_who_are_all_alike_are_told():
    seen = shop()
    alike = Seen(seen.as_of, seen.features * 0, seen.purchases, seen.people, seen.items)
    with pytest.raises(DataError, match="members: no attribute varies: nothing can be unusual"):
        find_members(alike, Members(by="all", least=20), 0, min_group=10)


def test_constant_and_empty_indicators_tell_nothing():
    seen = shop()
    more = seen.features.assign(same=1.0, nothing=np.nan)
    wide = Seen(seen.as_of, more, seen.purchases, seen.people, seen.items)
    wanted = Members(by="all", share=0.02, least=20)
    found = find_members(wide, wanted, 0, min_group=10).table
    assert set(found["measure"]) <= {"monetary", "noise", ""}
    assert found["subject"].tolist() == find_members(seen, wanted, 0, 10).table["subject"].tolist()


def test_more_indicators_than_customers():
    seen, random = shop(), np.random.default_rng(1)
    extra = pd.DataFrame(random.normal(size=(60, 90)), seen.features.index).add_prefix("x")
    wide = Seen(seen.as_of, seen.features.join(extra), seen.purchases, seen.people, seen.items)
    found = find_members(wide, Members(by="all", share=0.02, least=20), 0, min_group=10)
    assert 1 <= len(found.table) <= 2


def test_levels_of_the_pyramid_can_be_kept():
    seen = shop()
    cuts = level_cuts(seen)
    assert classes_of(seen, "pyramid", cuts).equals(classes_of(seen, "pyramid"))
    assert set(classes_of(seen, "pyramid", [0.0, 0.0, 0.0])) == {"top"}
    assert set(classes_of(seen, "pyramid", [1e300] * 3)) == {"small"}
    assert classes_of(seen, "all", None).nunique() == 1


def test_small_classes_are_noted():
    found = find_members(shop(), Members(by="region", least=50), 0, min_group=1)
    assert found.notes == ("class 'unknown' has 1 members and was left out (50 are needed)",)


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("item", "has Tea (T) but not Milk (M); 59 of 60 with Tea (T) have it"),
        ("category", "has Drinks but not Dairy; 59 of 60 with Drinks have it"),
    ],
)
def test_the_exception_is_found_at_both_levels(level, text):
    found = find_exceptions(shop(), Exceptions(level=level, min_customers=20))
    assert found.table[["subject", "text"]].values.tolist() == [["c00", text]]
    assert found.overview["Rules that are broken"]["exceptions"].tolist() == [1]


def test_no_more_exceptions_than_wanted_and_none_without_categories():
    seen = shop()
    rows = seen.purchases["customer_id"].isin(["c02", "c03"]) & (seen.purchases["item_id"] == "M")
    fewer = Seen(seen.as_of, seen.features, seen.purchases[~rows], seen.people, seen.items)
    assert len(find_exceptions(fewer, Exceptions(min_customers=20)).table) == 3
    assert len(find_exceptions(fewer, Exceptions(min_customers=20, most=2)).table) == 2
    bare = Seen(
        seen.as_of, seen.features, seen.purchases, seen.people, seen.items.assign(category=None)
    )
    found = find_exceptions(bare, Exceptions(level="category"))
    assert len(found.table) == 0
    assert "no item has a category" in found.notes[0]


def test_who_stops_is_found_and_the_shop_is_followed():
    found = find_changes(shop(), Changes(), observe=300)
    assert found.table["subject"].iloc[0] == "c01"
    assert found.table["text"].iloc[0].startswith("spend in 30 days fell from 15")
    figures = found.figures.set_index("subject")
    assert "fell" in figures.loc["customers", "text"]
    assert found.overview["Regular customers"]["number"].iloc[0] == 60


def test_too_few_periods_are_noted():
    found = find_changes(shop(), Changes(baseline=20), observe=300)
    assert len(found.table) == 0
    assert "10 periods of 30 days, no more than the baseline of 20" in found.notes[0]


def test_figures_become_findings_without_customers():
    figures = find_changes(shop(), Changes(), observe=300).figures
    drafts = deviation_drafts(figures, 60)
    assert len(drafts) == len(figures) > 0
    assert drafts[0].kind == "deviation"
    assert "c01" not in str([draft.pattern for draft in drafts])


def test_a_table_of_nothing_has_all_columns():
    table = table_of("member", pd.DataFrame())
    assert list(table) == list(COLUMNS)
    assert len(table) == 0
