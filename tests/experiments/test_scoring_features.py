from datetime import date

import numpy as np
import pandas as pd
import pytest

from experiments.scoring_features import indicators_of
from features.cut import Cut
from features.indicators.registry import FAMILIES, indicators
from features.purchases import purchases as purchases_of
from features.sources.spec import CsvSource
from features.warehouse import Warehouse
from lodeworks.errors import BundleError

AS_OF = date(2011, 6, 30)
OBSERVE = 120


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """A cut of a warehouse with forty customers, read from files as a run reads them."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(5)
    n = 600
    lines = pd.DataFrame(
        {
            "customer_id": [f"c{k:02}" for k in rng.integers(0, 40, n)],
            "item_id": [f"i{k}" for k in rng.integers(0, 12, n)],
            "ordered_at": pd.Timestamp("2011-01-01")
            + pd.to_timedelta(rng.integers(0, 200, n), "D"),
            "quantity": rng.integers(1, 4, n),
            "price": rng.integers(1, 50, n) / 4,
        }
    )
    lines["order_id"] = lines["customer_id"] + lines["ordered_at"].dt.strftime("%j")
    lines.to_csv(folder / "lines.csv", index=False)
    items = pd.DataFrame({"item_id": [f"i{k}" for k in range(12)]})
    items["category"] = ["food", "drink", "Haus & Hof"] * 4
    items.to_csv(folder / "items.csv", index=False)
    kinds = {"ordered_at": "timestamp", "quantity": "number", "price": "number"}
    columns = {name: {"from": name, "type": kinds.get(name, "text")} for name in lines}
    sources = [
        CsvSource(table="lines", path=str(folder / "lines.csv"), columns=columns),
        CsvSource(
            table="items",
            path=str(folder / "items.csv"),
            columns={name: {"from": name, "type": "text"} for name in items},
        ),
    ]
    with Warehouse.open(None) as warehouse:
        warehouse.load(sources)
        yield Cut.at(warehouse, AS_OF, OBSERVE)


@pytest.mark.parametrize("families", [None, ["rfm"], ["category", "season"]])
def test_they_are_those_of_the_warehouse(cut, families):
    expected = indicators(cut, families)
    found = indicators_of(
        purchases_of(cut),
        AS_OF,
        observe=OBSERVE,
        items=cut.items.to_pandas(),
        columns=list(expected),
        families=families,
    )
    assert len(expected) > 30
    pd.testing.assert_frame_equal(found, expected, check_index_type=False)


def test_every_family_is_covered(cut):
    wanted = set(indicators(cut))
    for family in FAMILIES:
        assert wanted & set(indicators(cut, [family]))


def test_items_need_no_more_than_their_identifiers(cut):
    found = indicators_of(
        purchases_of(cut),
        AS_OF,
        observe=None,
        items=pd.DataFrame({"item_id": ["i1"]}),
        columns=["frequency", "category_food"],
    )
    assert (found["frequency"] >= 1).all()
    assert (found["category_food"] == 0).all()


def test_indicators_of_another_version_are_refused(cut):
    with pytest.raises(BundleError, match="no family gives the columns shoe_size"):
        indicators_of(
            purchases_of(cut),
            AS_OF,
            observe=OBSERVE,
            items=cut.items.to_pandas(),
            columns=["recency_days", "shoe_size"],
        )


class TestMarts:
    """Detail beside purchases, as the warehouse has it and as frames."""

    CONTACTS = pd.DataFrame(
        {
            "customer_id": ["c01", "c01", "c02", "c03"],
            "contacted_at": pd.to_datetime(
                ["2011-06-01", "2011-01-02", "2011-06-30", "2011-07-01"]
            ),
            "campaign_id": ["a", "b", "a", "a"],
            "cost": [0.5, 1.0, None, 9.0],
        }
    )
    FAMILIES = ("rfm", "contacts", "holdings")

    @pytest.fixture(scope="class")
    def full(self, tmp_path_factory, cut):
        """The same purchases with contacts and holdings beside them."""
        folder = tmp_path_factory.mktemp("detail")
        lines = purchases_of(cut).assign(price=1.0)
        frames = {"lines": lines, "contacts": self.CONTACTS, "holdings": self.holdings()}
        sources = []
        for table, frame in frames.items():
            frame.to_csv(folder / f"{table}.csv", index=False)
            columns = {name: name for name in frame}
            path = str(folder / f"{table}.csv")
            sources.append(CsvSource(table=table, path=path, columns=columns))
        with Warehouse.open(None) as warehouse:
            warehouse.load(sources)
            yield Cut.at(warehouse, AS_OF, OBSERVE)

    def holdings(self):
        opened = pd.to_datetime(["2010-01-01", "2011-07-01"]).date
        closed = [date(2011, 7, 5), None]
        return pd.DataFrame(
            {
                "customer_id": ["c01", "c02"],
                "item_id": "i1",
                "opened_on": opened,
                "closed_on": closed,
                "balance": [100.0, 7.0],
            }
        )

    def scored(self, cut, columns, **subjects):
        return indicators_of(
            purchases_of(cut),
            AS_OF,
            observe=OBSERVE,
            items=cut.items.to_pandas(),
            columns=columns,
            families=self.FAMILIES,
            subjects=subjects,
        )

    def test_they_are_those_of_the_warehouse(self, full):
        expected = indicators(full, self.FAMILIES)
        assert expected.loc["c01", ["contacts", "holding_balance"]].tolist() == [1.0, 100.0]
        assert expected.loc["c03", "contacts"] == 0.0
        given = {"contacts": self.CONTACTS, "holdings": self.holdings()}
        found = self.scored(full, list(expected), **given)
        pd.testing.assert_frame_equal(found, expected, check_index_type=False)

    def test_a_mart_without_its_detail_is_refused(self, full):
        with pytest.raises(BundleError, match="marts holdings, and purchases alone tell nothing"):
            self.scored(full, ["frequency"], contacts=self.CONTACTS)
