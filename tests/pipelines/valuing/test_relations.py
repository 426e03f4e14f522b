"""Relations, switching and customer equity in the question of value."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import ConfigError, DataError
from models.value import (
    BetaGeometricNBD,
    GammaGamma,
    constant_lifetime_value,
    lifetime_value,
    purchase_histories,
)
from pipelines.config import load
from pipelines.config.relations import (
    ValueFuture,
    ValueRelationship,
    ValueStrategy,
    ValueSwitching,
)
from pipelines.config.value import ValueEconomics, ValueQuestion
from pipelines.run import run
from pipelines.valuing.bundled import ValueBundle, value_table
from pipelines.valuing.equity import equity_table, newcomer_value
from pipelines.valuing.relating import Known, relations
from pipelines.valuing.relations_page import (
    left_out_part,
    relations_part,
    switching_part,
)
from pipelines.valuing.switching import switched

YAML = """
kind: value
name: relations
workspace: {workspace}
sources:
  - kind: csv
    name: orders
    table: lines
    path: {folder}/orders.csv
    columns:
      customer_id: customer
      order_id: order
      item_id: item
      ordered_at: {{from: day, format: "%Y-%m-%d"}}
      quantity: quantity
      price: price
      cost: cost
    returns: {{column: order_id, matches: "^R"}}
    duplicates: keep
  - kind: csv
    name: people
    table: customers
    path: {folder}/people.csv
    columns:
      customer_id: customer
      wallet: {{from: wallet, type: number}}
      town: town
      opt_out: {{from: refused, type: boolean}}
window: {{as_of: 2010-10-01, outcome: 91d}}
models: [same-rate, nbd, bg-nbd]
economics: {{margin: 0.5, discount: 0.15, currency: EUR}}
relationship: {{by: products, days: 1000d}}
potential:
  - {{name: card, response: {{top: 0.5, large: 0.2}}, gain: 40}}
  - {{name: visit, response: 0.1, gain: wallet}}
switching:
  brands: [ours, others]
  own: ours
  matrix: [[0.7, 0.3], [0.2, 0.8]]
  purchases: 10
  profit: 2
  years: 2
future: {{joining: [10, 20], cost: 3}}
what_if: {{discounts: [0.0, 0.15]}}
evaluation: {{bootstrap: 100}}
"""
OPTED_OUT = "c003"


def orders() -> pd.DataFrame:
    """Draw 90 customers who come back every so often; every tenth line does not say its cost."""
    random = np.random.RandomState(3)
    rows = []
    for number in range(90):
        for _ in range(1 + random.poisson(3)):
            day, price = int(random.randint(0, 365)), round(float(random.gamma(3, 8)) + 1, 2)
            rows.append((f"c{number:03d}", f"o{len(rows)}", day, price))
    frame = pd.DataFrame(rows, columns=["customer", "order", "day", "price"])
    frame.loc[0, "day"] = 364  # the data reach the end of the outcome
    frame["day"] = pd.Timestamp("2010-01-01") + pd.to_timedelta(frame["day"], unit="D")
    frame = frame.assign(item="thing", quantity=2, cost=(frame["price"] * 0.6).round(2))
    frame.loc[frame.index % 10 == 9, "cost"] = np.nan
    back = frame[frame["cost"].notna()].head(1).assign(order="R1", quantity=-3)
    return pd.concat([frame, back], ignore_index=True)


def people() -> pd.DataFrame:
    names = [f"c{number:03d}" for number in range(90)]
    wallet = [np.nan if number == 5 else 10.0 + number for number in range(90)]
    return pd.DataFrame(
        {
            "customer": names,
            "wallet": wallet,
            "town": "Ulm",
            "refused": [name == OPTED_OUT for name in names],
        }
    )


def config_in(folder, template, *sets):
    orders().to_csv(folder / "orders.csv", index=False, date_format="%Y-%m-%d")
    people().to_csv(folder / "people.csv", index=False)
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    shutil.copy(template, workspace / "mlflow.db")
    yaml = folder / "value.yaml"
    yaml.write_text(YAML.format(workspace=workspace, folder=folder))
    return load(yaml, list(sets))


@pytest.fixture(scope="module")
def done(tmp_path_factory, tracking_template):
    return run(config_in(tmp_path_factory.mktemp("relations"), tracking_template))


def read(done, name):
    return pd.read_parquet(done.paths[name])


class TestTheRun:
    def test_relations_earn_price_less_cost_times_quantity(self, done):
        lines = orders()
        lines = lines[(lines["day"] <= "2010-12-31") & lines["cost"].notna()]
        earned = (lines["price"] - lines["cost"]) * lines["quantity"]
        by_hand = earned.groupby(lines["customer"]).sum()
        table = read(done, "relations").set_index("customer_id")
        known = table["relationship_profit"].dropna()
        assert known.to_numpy() == pytest.approx(by_hand.reindex(known.index).to_numpy())
        assert set(table.index) == set(read(done, "customers")["customer_id"])
        assert done.metrics["relationship_profit"] == pytest.approx(by_hand.sum())

    def test_the_total_is_what_is_earned_and_what_may_be(self, done):
        table = read(done, "relations").set_index("customer_id")
        wallets = people().set_index("customer")["wallet"].reindex(table.index)
        card = table["value_class"].map({"top": 0.5, "large": 0.2}).fillna(0.0) * 40
        by_hand = (card + 0.1 * wallets).mask(table.index == OPTED_OUT, 0.0)
        assert table["potential_profit"].to_numpy() == pytest.approx(
            by_hand.to_numpy(), nan_ok=True
        )
        assert np.isnan(table.loc["c005", "potential_profit"])
        assert table.loc[OPTED_OUT, "potential_profit"] == 0
        both = table["relationship_profit"] + table["potential_profit"]
        assert table["total_profit"].to_numpy() == pytest.approx(both.to_numpy(), nan_ok=True)

    def test_each_strategy_is_told(self, done):
        strategies = read(done, "strategies").set_index("strategy")
        total = read(done, "relations")["potential_profit"].sum()
        wallets = people().set_index("customer")["wallet"].drop(OPTED_OUT)
        bought = read(done, "customers")["customer_id"]
        expected = 0.1 * wallets.reindex(bought).sum()
        assert strategies.loc["visit", "potential_profit"] == pytest.approx(expected)
        # Of c005 the wallet is unknown, and so is the sum of both strategies.
        assert strategies["potential_profit"].sum() - total >= 0
        assert strategies.loc["card", "customers"] < strategies.loc["visit", "customers"]

    def test_the_brands_are_followed_ahead(self, done):
        shares = read(done, "brand_shares")
        ours = shares[shares["brand"] == "ours"].set_index("year")["share"]
        assert ours.to_dict() == pytest.approx({0: 1.0, 1: 0.7, 2: 0.55})
        values = read(done, "switching_values").set_index(["discount", "brand"])["value"]
        # This year all 10 purchases are ours, next year 7 of them, at 2 each.
        assert values[0.0, "ours"] == pytest.approx(34.0)
        assert values[0.0, "others"] == pytest.approx(4.0)
        assert done.metrics["switching_value_of_own_buyer"] == pytest.approx(20 + 14 / 1.15)

    def test_equity_adds_those_who_will_join(self, done):
        equity = read(done, "equity").set_index("cohort")
        assert equity.index.tolist() == ["present", "year 1", "year 2"]
        assert equity.loc["present", "total_value"] == pytest.approx(
            done.metrics["customer_equity"]
        )
        assert done.metrics["customer_equity_with_future"] == pytest.approx(
            equity["total_value"].sum()
        )
        one = equity["mean_value"]
        assert one["year 1"] == pytest.approx(one["year 2"] * 1.15)
        assert equity.loc["year 2", "total_value"] == pytest.approx(20 * one["year 2"])

    def test_what_if_is_a_table_too(self, done):
        table = read(done, "what_if")
        assert set(table["discount"]) == {0.0, 0.15}
        kept = table[(table["discount"] == 0.15) & (table["retention"] == 1.0)]
        assert kept["total_value"].iloc[0] == pytest.approx(done.metrics["customer_equity"])

    def test_the_page_tells_it_and_names_nobody(self, done):
        page = done.paths["report"].read_text()
        for said in ("Relations", "Switching between brands", "Customer equity", "TRP = RP + PRP"):
            assert said in page
        assert "In the long run ours keeps 40.0% of the buyers." in page
        assert "Not asked" not in page
        assert "c005" not in page

    def test_what_is_unknown_is_said(self, done):
        manifest = json.loads(done.paths["manifest"].read_text())
        said = " ".join(manifest["notes"])
        assert "The potential of 1 customers is unknown" in said
        assert "of the lines do not say what the product cost" in said
        assert "c005" not in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("relationship={by: wallet}", "'wallet' needs frequency and share"),
        ("relationship={by: products, share: 0.5}", "share: only 'by: wallet' takes these"),
        (
            "relationship={by: wallet, frequency: 12, share: walet}",
            "no source of customers has the column 'walet'; did you mean 'wallet'?",
        ),
        ("potential=[{name: a, response: 2, gain: 1}]", "given 2; a value of at most 1"),
        (
            "potential=[{name: a, response: 0.1, gain: 1}, {name: a, response: 0.2, gain: 1}]",
            "stated twice: a",
        ),
        ("switching.matrix=[[0.7, 0.2], [0.2, 0.8]]", "the row of 'ours' sums to 0.9, not 1"),
        ("switching.matrix=[[1.0]]", "must have 2 rows of 2"),
        ("switching.own=our", "no brand is called 'our'; did you mean 'ours'?"),
        ("switching.shares=[0.5, 0.4]", "the shares sum to 0.9, not 1"),
        ("switching.shares=[1.0]", "shares must be 2, one a brand, not 1"),
        ("switching.brands=[ours, ours]", "stated twice: ours"),
        ("future.joining=[]", "a list of at least 1 is needed"),
        ("future.joining=[-1]", "given -1; a value of at least 0"),
    ],
)
def test_wrong_terms_are_refused(tmp_path, tracking_template, change, said):
    with pytest.raises(ConfigError) as caught:
        config_in(tmp_path, tracking_template, change)
    told = f"{caught.value} {getattr(caught.value, 'problems', '')}"
    assert said in told.replace("\\'", "'")
    assert not (tmp_path / "workspace" / "runs").exists()


def test_products_need_a_source_with_their_cost(tmp_path, tracking_template):
    config_in(tmp_path, tracking_template)
    yaml = tmp_path / "value.yaml"
    yaml.write_text(yaml.read_text().replace("      cost: cost\n", ""))
    with pytest.raises(ConfigError) as caught:
        load(yaml, [])
    told = f"{caught.value} {getattr(caught.value, 'problems', '')}"
    assert "needs a source of lines with the column" in told


def test_an_attribute_that_is_no_number_is_refused(tmp_path, tracking_template):
    config = config_in(
        tmp_path, tracking_template, "potential=[{name: a, response: 1, gain: town}]"
    )
    with pytest.raises(DataError, match="no numbers in the attributes town"):
        run(config)
    assert not list((tmp_path / "workspace" / "runs").glob("*/report.html"))


CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["b", "a", "c"],
        "value_class": ["small", "top", "top"],
        "expected_spend": [10.0, 30.0, 20.0],
    }
)


def asked(**sections) -> ValueQuestion:
    return ValueQuestion.model_construct(
        economics=ValueEconomics(margin=0.5),
        **{"relationship": None, "potential": (), **sections},
    )


def known(**attributes) -> Known:
    frame = pd.DataFrame(attributes, index=["a", "b", "c"], dtype=np.float64)
    return Known(lines=None, attributes=frame, refused=frozenset())


def test_the_wallet_gives_frequency_times_share_times_profit():
    terms = ValueRelationship(by="wallet", frequency=12, share="wallet")
    found = relations(CUSTOMERS, known(wallet=[0.25, 0.5, np.nan]), asked(relationship=terms))
    earned = found.table.set_index("customer_id")["relationship_profit"]
    assert earned["a"] == pytest.approx(12 * 0.25 * 30 * 0.5)
    assert earned["b"] == pytest.approx(12 * 0.5 * 10 * 0.5)
    assert np.isnan(earned["c"])
    assert found.notes == [
        "The relationship profitability of 1 customers is unknown: an input is missing."
    ]
    stated = ValueRelationship(by="wallet", frequency="often", share=0.5, profit=2.0)
    found = relations(CUSTOMERS, known(often=[4, 0, 1]), asked(relationship=stated))
    assert found.table["relationship_profit"].tolist() == [4.0, 0.0, 1.0]


def test_a_share_of_wallet_above_1_is_refused():
    terms = ValueRelationship(by="wallet", frequency=12, share="wallet")
    with pytest.raises(DataError, match="share of wallet must lie between 0 and 1"):
        relations(CUSTOMERS, known(wallet=[25, 50, 75]), asked(relationship=terms))


def test_potential_alone_has_no_total():
    strategies = (ValueStrategy(name="card", response=0.5, gain={"top": 10.0}),)
    found = relations(CUSTOMERS, known(), asked(potential=strategies))
    assert found.table["potential_profit"].tolist() == [5.0, 0.0, 5.0]
    assert "total_profit" not in found.table
    page = relations_part(found, "EUR", min_group=3)
    assert page.text == ["The strategies may add €10 (PRP: response x gain)."]
    # Two of the top and one of the small are groups that must not be shown.
    (means, by_strategy) = page.tables.values()
    assert means.drop(columns="value_class").isna().all(axis=None)
    assert by_strategy["customers"].isna().all()


def test_the_constant_model_is_the_case_of_retention_1():
    """A relation that stays as it is earns its yearly profit in every year that counts."""
    terms = ValueRelationship(by="wallet", frequency=12, share=0.25, profit=20.0)
    found = relations(CUSTOMERS, known(), asked(relationship=terms))
    (profit,) = set(found.table["relationship_profit"])
    stays = constant_lifetime_value(profit, rate=0.1, retention=1.0)
    assert stays == pytest.approx(lifetime_value([60.0] * 5, rate=0.1))
    loyal = ValueSwitching(
        brands=("us", "them"), own="us", matrix=((1.0, 0.0), (0.0, 1.0)), purchases=3.0, profit=20.0
    )
    told = switched(loyal, 20.0, 0.1, ())
    mine = told.values.set_index("brand")["value"]
    assert mine.to_dict() == pytest.approx({"us": stays, "them": 0.0})
    assert told.steady is None
    part = switching_part(told, "EUR", 5)
    assert "never mix" in part.text[0]


def test_shares_of_now_are_where_the_brands_begin():
    terms = ValueSwitching(
        brands=("us", "b", "c"),
        own="us",
        matrix=((0.8, 0.1, 0.1), (0.3, 0.6, 0.1), (0.0, 0.5, 0.5)),
        shares=(0.2, 0.5, 0.3),
        purchases=1.0,
        years=3,
    )
    told = switched(terms, 1.0, 0.0, ())
    first = told.shares[told.shares["year"] == 1].set_index("brand")["share"]
    assert first.to_dict() == pytest.approx({"us": 0.31, "b": 0.47, "c": 0.22})
    assert told.shares.groupby("year")["share"].sum().to_numpy() == pytest.approx(np.ones(4))


@pytest.fixture(scope="module")
def bundle():
    log = orders().rename(
        columns={"customer": "customer_id", "day": "ordered_at", "price": "amount"}
    )
    seen = purchase_histories(log, "2010-12-31")
    money = {**ValueEconomics(margin=0.5, discount=0.1).model_dump(mode="json")}
    meta = {"economics": money, "unit": 7}
    return ValueBundle(BetaGeometricNBD().fit(seen), GammaGamma().fit(seen), meta), seen


def test_a_newcomer_is_the_first_purchase_and_what_the_models_expect(bundle):
    fitted, _ = bundle
    fresh = pd.DataFrame({"frequency": [0.0], "spend": [np.nan]})
    spend = float(fitted.spending.expected_spend(fresh)[0])
    more = fitted.buying.new_customer_purchases(365 / 7)
    assert newcomer_value(fitted, discount=0.0) == pytest.approx(spend * 0.5 * (1 + more))
    assert newcomer_value(fitted) < newcomer_value(fitted, discount=0.0)


def test_winning_may_cost_more_than_it_brings(bundle):
    fitted, seen = bundle
    priced = value_table(fitted, seen)
    dear = equity_table(priced, fitted, ValueFuture(joining=(10.0,), cost=1e6))
    assert dear["total_value"].iloc[1] < 0
    assert dear["total_value"].iloc[0] == pytest.approx(priced["lifetime_value"].sum())


def test_the_first_month_may_be_discounted_or_not(bundle):
    fitted, seen = bundle
    at_end = value_table(fitted, seen)["lifetime_value"].to_numpy()
    money = {**fitted.meta["economics"], "discount_first": False}
    early = ValueBundle(fitted.buying, fitted.spending, {**fitted.meta, "economics": money})
    ratio = value_table(early, seen)["lifetime_value"].to_numpy() / at_end
    assert ratio == pytest.approx(np.full(len(seen), 1.1 ** (1 / 12)))


def test_what_was_not_asked_is_said():
    sections = {"relationship": None, "potential": (), "switching": None, "future": None}
    part = left_out_part(ValueQuestion.model_construct(**sections))
    assert len(part.text) == 4
    assert all(said.endswith(".") and said[0].isupper() for said in part.text)
    some = {**sections, "future": ValueFuture(joining=(1.0,))}
    assert len(left_out_part(ValueQuestion.model_construct(**some)).text) == 3
