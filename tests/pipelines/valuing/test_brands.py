"""Switching between brands taken from the warehouse, by hand and from simulated customers."""

import json
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, DataError
from models.value import brand_shares
from pipelines.config import load
from pipelines.config.relations import ValueSwitching
from pipelines.run import run
from pipelines.valuing.brands import OTHERS, moved_between
from pipelines.valuing.relations_page import switching_part
from pipelines.valuing.switching import switched

KNOWN = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.2, 0.7]])
BRANDS = ("tea", "coffee", "cocoa")
UNTIL = date(2010, 12, 31)
YAML = """
kind: value
name: brands
workspace: {folder}/workspace
sources:
  - kind: csv
    name: orders
    table: lines
    path: {folder}/orders.csv
    columns:
      {{customer_id: customer, order_id: order, item_id: item, ordered_at: day, amount: amount}}
  - kind: csv
    name: items
    table: items
    path: {folder}/items.csv
    columns: {{item_id: item, category: kind}}
window: {{as_of: 2010-10-01, outcome: 91d, unit: 30d}}
models: [same-rate, bg-nbd]
switching: {{estimate: {{by: category, period: 90d, least: 100}}, own: tea, years: 2}}
what_if: {{discounts: [0.0], retentions: [1.0]}}
evaluation: {{bootstrap: 100}}
"""


def orders(customers=400, seed=2):
    """Let customers buy a brand in each quarter, and the next one by a known matrix."""
    random = np.random.default_rng(seed)
    at = random.integers(0, 3, customers)
    rows = []
    for quarter in range(4):
        first = pd.Timestamp(UNTIL) - pd.Timedelta(days=90 * (4 - quarter) - 1)
        for who in np.flatnonzero(random.random(customers) < 0.8):
            day = first + pd.Timedelta(days=int(random.integers(0, 90)))
            amount = round(float(random.gamma(3, 8)) + 1, 2)
            rows.append((f"c{who:04d}", f"o{len(rows)}", f"{BRANDS[at[who]]} box", day, amount))
        draw = random.random(customers)[:, None]
        at = (draw > np.cumsum(KNOWN[at], axis=1)).sum(axis=1)
    rows.append(("c0000", "last", "tea box", pd.Timestamp(UNTIL), 1.0))
    rows.append(("c0001", "first", "tea box", pd.Timestamp("2010-01-06"), 1.0))
    return pd.DataFrame(rows, columns=["customer", "order", "item", "day", "amount"])


def write(folder, lines=None):
    lines = orders() if lines is None else lines
    lines.to_csv(folder / "orders.csv", index=False, date_format="%Y-%m-%d")
    items = pd.DataFrame({"item": [f"{name} box" for name in BRANDS], "kind": BRANDS})
    items.to_csv(folder / "items.csv", index=False)
    (folder / "value.yaml").write_text(YAML.format(folder=folder))


def moved(folder, lines, until=UNTIL, own=None, observe=3650, **estimate):
    """Estimate from lines of ``(customer, day, item, amount)``."""
    frame = pd.DataFrame(lines, columns=["customer", "day", "item", "amount"])
    frame.insert(1, "order", [f"o{number}" for number in range(len(frame))])
    write(folder, frame.assign(day=pd.to_datetime(frame["day"])))
    asked = ValueSwitching(own=own, estimate={"period": "10d", **estimate})
    with Warehouse.open(None) as opened:
        opened.load(load(folder / "value.yaml", []).sources)
        return moved_between(opened, until, observe, asked, 0.95)


TWO = [
    ("a", "2010-12-12", "tea box", 5.0),
    ("a", "2010-12-22", "coffee box", 5.0),
    ("b", "2010-12-21", "tea box", 5.0),
    ("b", "2010-12-22", "tea box", 5.0),
]


@pytest.fixture(scope="module")
def done(tmp_path_factory, tracking_template):
    folder = tmp_path_factory.mktemp("brands")
    (folder / "workspace").mkdir()
    shutil.copy(tracking_template, folder / "workspace" / "mlflow.db")
    write(folder)
    return run(load(folder / "value.yaml", []))


class TestTheRun:
    def test_the_known_matrix_lies_within_the_intervals(self, done):
        table = pd.read_parquet(done.paths["switching_matrix"]).set_index(["brand", "next_brand"])
        assert table["share"].groupby("brand").sum().to_numpy() == pytest.approx(np.ones(3))
        known = pd.DataFrame(KNOWN, BRANDS, BRANDS).stack().reindex(table.index)
        assert ((table["low"] <= known) & (known <= table["high"])).sum() >= 8
        assert (table["share"] - known).abs().max() < 0.1
        assert (table["customers"] > 100).all()

    def test_the_shares_are_followed_period_by_period(self, done):
        matrix = pd.read_parquet(done.paths["switching_matrix"])
        square = matrix.pivot(index="brand", columns="next_brand", values="share")
        shares = pd.read_parquet(done.paths["brand_shares"])
        wide = shares.pivot(index="period", columns="brand", values="share")[square.columns]
        assert len(wide) == 1 + round(2 * 365 / 90)
        lines = orders()
        last = lines[lines["day"] > pd.Timestamp(UNTIL) - pd.Timedelta(days=90)]
        # All that a customer buys in a quarter is of one brand, but for the line of the last day.
        start = last[last["order"] != "last"].groupby("item")["customer"].nunique()
        assert wide.loc[0, "cocoa"] == pytest.approx(start["cocoa box"] / start.sum(), abs=0.01)
        by_hand = brand_shares(square.to_numpy(), wide.loc[0].to_numpy(), len(wide) - 1)
        assert wide.to_numpy() == pytest.approx(by_hand)

    def test_the_page_tells_what_the_rows_rest_on(self, done):
        page = done.paths["report"].read_text()
        assert "The matrix was taken from" in page
        assert "Share of the buyers by what they buy 90 days later" in page
        assert "Shares of the brands in the coming periods" in page
        assert "Intervals of these shares, 95%" in page
        assert "as guesses" not in page

    def test_the_value_is_of_the_brand_asked_about(self, done):
        values = pd.read_parquet(done.paths["switching_values"])
        assert set(values.loc[values["own"], "brand"]) == {"tea"}
        manifest = json.loads(done.paths["manifest"].read_text())
        assert manifest["notes"]


class TestMovesByHand:
    def test_periods_are_counted_back_from_the_end_of_the_last_day(self, tmp_path):
        found = moved(tmp_path, TWO)
        # The 22nd is the first of the last ten days: a moved from tea to coffee, b only paused not.
        assert found.estimate.brands == ("tea", "coffee")
        assert found.estimate.counts.tolist() == [[1, 1], [0, 0]]
        assert found.estimate.paused == 0
        assert found.start.tolist() == [0.5, 0.5]
        assert (found.purchases, found.own, found.days) == (1.0, "tea", 10)
        assert found.thin == ("tea", "coffee")

    def test_a_period_that_is_not_whole_does_not_count(self, tmp_path):
        early = [("b", "2010-12-11", "coffee box", 5.0), *TWO]
        assert moved(tmp_path, early).estimate.counts.tolist() == [[1, 1], [0, 0]]
        whole = [("b", "2010-12-02", "coffee box", 5.0), *early]
        counts = moved(tmp_path, whole).estimate.counts
        assert counts.sum() == 3

    def test_brands_of_few_customers_are_together(self, tmp_path):
        lines = [*TWO, ("c", "2010-12-13", "cocoa box", 1.0), ("c", "2010-12-23", "tea box", 1.0)]
        found = moved(tmp_path, [*lines, ("d", "2010-12-13", "tea box", 1.0)], most=2, own="cocoa")
        assert found.estimate.brands == ("tea", "cocoa", OTHERS)
        assert found.estimate.counts.tolist() == [[1, 0, 1], [1, 0, 0], [0, 0, 0]]
        assert found.estimate.paused == 1

    @pytest.mark.parametrize(
        ("lines", "given", "message"),
        [
            ([one for one in TWO if one[2] == "tea box"], {}, "all purchases are of one category"),
            (TWO, {"own": "tee"}, "nobody bought 'tee'; did you mean 'tea'"),
            (TWO, {"period": "20d"}, "do not fill two periods of 20 days"),
            (
                [*TWO[1:3], ("c", "2010-12-12", "tea box", 1.0)],
                {},
                "nobody bought in two periods of 10 days running",
            ),
            (TWO, {"by": "department"}, "no purchase up to 2010-12-31 says its department"),
        ],
    )
    def test_purchases_that_say_nothing_are_refused(self, tmp_path, lines, given, message):
        with pytest.raises(DataError, match=message):
            moved(tmp_path, lines, **given)


def test_thin_rows_are_named_and_small_groups_hidden(tmp_path):
    found = moved(tmp_path, TWO)
    asked = ValueSwitching(estimate={"period": "10d"}, purchases=36.5, profit=2.0, years=1)
    told = switched(asked, 2.0, 0.0, (), found)
    part = switching_part(told, "EUR", 5)
    assert "Fewer than 50 customers stand behind the rows of tea, coffee" in " ".join(part.text)
    shares, intervals, _ = part.tables.values()
    assert shares.drop(columns="bought").isna().all(axis=None)
    assert set(intervals.drop(columns="bought").to_numpy().ravel()) == {"hidden"}
    shares, intervals, _ = switching_part(told, "EUR", 1).tables.values()
    assert shares["customers"].tolist() == pytest.approx([2, np.nan], nan_ok=True)
    assert shares["share of coffee"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert intervals["share of coffee"].tolist() == ["9.5% to 90.5%", "hidden"]


def test_purchases_and_rates_of_a_year_become_those_of_a_period(tmp_path):
    found = moved(tmp_path, TWO)
    asked = ValueSwitching(estimate={"period": "10d"}, purchases=36.5, profit=2.0, years=1)
    told = switched(asked, 2.0, 0.1, (), found)
    ahead = brand_shares(found.estimate.matrix, [1.0, 0.0], 35)[:, 0]
    by_hand = sum(share * 2.0 / 1.1 ** (at * 10 / 365) for at, share in enumerate(ahead))
    mine = told.values.set_index("brand")["value"]
    assert mine["tea"] == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("switching.matrix=[[0.7, 0.3], [0.2, 0.8]]", "'estimate' takes matrix from the purchases"),
        ("switching.brands=[tea, coffee]", "'estimate' takes brands from the purchases"),
        ("switching.estimate.by=colour", "colour"),
        ("switching.estimate=null", "state brands, matrix, purchases, or 'estimate'"),
        (
            "switching.estimate.by=department",
            "needs a source of items or lines with the column 'department'",
        ),
    ],
)
def test_wrong_terms_are_refused(tmp_path, change, said):
    write(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "value.yaml", [change])
    told = f"{caught.value} {getattr(caught.value, 'problems', '')}"
    assert said in told.replace("\\'", "'")
