"""The question of value from files to report, bundle and new customers."""

import functools
import json
import re
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import BundleError, ConfigError, DataError
from models.value import purchase_histories
from pipelines.config import load
from pipelines.run import run
from pipelines.score import score_records
from pipelines.valuing.bundled import read_value_bundle, value_table

YAML = """
kind: value
name: value
workspace: {workspace}
sources:
  - kind: csv
    name: orders
    table: lines
    path: {path}
    columns:
      customer_id: customer
      order_id: order
      item_id: item
      ordered_at: {{from: day, format: "%Y-%m-%d"}}
      quantity: quantity
      price: price
    returns: {{column: order_id, matches: "^C"}}
    duplicates: keep
window: {{as_of: {as_of}, outcome: {outcome}d}}
economics: {{margin: 0.5, discount: 0.15, horizon: 273d, currency: USD}}
choose: {{cost: 1, capacity: 50}}
evaluation: {{bootstrap: 100}}
"""


def shop(customers: int = 300, seed: int = 0) -> pd.DataFrame:
    """Draw lines of customers who buy at rates of their own, and leave."""
    random = np.random.RandomState(seed)
    rows = []
    for number in range(customers):
        day, rate = int(random.randint(0, 100)), random.gamma(0.8, 0.03)
        while day < 400:
            rows.append((f"c{number:04d}", f"o{len(rows)}", day, random.gamma(3, 8)))
            if random.random_sample() < 0.15:
                break
            day += 1 + int(random.exponential(1 / max(rate, 1e-6)))
    frame = pd.DataFrame(rows, columns=["customer", "order", "day", "price"])
    frame["day"] = pd.Timestamp("2010-01-01") + pd.to_timedelta(frame["day"], unit="D")
    return frame.assign(item="thing", quantity=1, price=frame["price"].round(2))


def returned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first purchase of c0001, at three times its price."""
    first = frame[frame["customer"] == "c0001"].head(1)
    back = first.assign(order="C1", quantity=-3, day=first["day"] + pd.Timedelta(days=1))
    return pd.concat([frame, back])


def once() -> pd.DataFrame:
    """Draw customers who never came back, and one who joined at the end."""
    last = shop(1).head(1).assign(customer="z", day=pd.Timestamp("2011-01-30"))
    return pd.concat([shop(60).drop_duplicates("customer"), last])


def config_of(folder: Path, frame: pd.DataFrame, template: Path, *sets: str, **terms: object):
    path = folder / "orders.csv"
    frame.to_csv(path, index=False, date_format="%Y-%m-%d")
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    shutil.copy(template, workspace / "mlflow.db")
    yaml = folder / "value.yaml"
    told = {"as_of": "2010-10-01", "outcome": 91, **terms}
    yaml.write_text(YAML.format(workspace=workspace, path=path, **told))
    return load(yaml, list(sets))


@pytest.fixture(scope="module")
def done(tmp_path_factory, tracking_template):
    folder = tmp_path_factory.mktemp("value")
    frame = returned(shop())
    config = config_of(folder, frame, tracking_template)
    return folder, frame, config, run(config)


def table_of(done, name: str) -> pd.DataFrame:
    return pd.read_parquet(done[3].paths[name])


def test_every_customer_is_priced_once(done):
    customers, frame = table_of(done, "customers"), done[1]
    seen = frame[(frame["day"] <= "2010-12-31") & (frame["quantity"] > 0)]
    assert sorted(customers["customer_id"]) == sorted(seen["customer"].unique())
    assert customers["p_alive"].between(0, 1).all()
    assert (customers["lifetime_value"] <= customers["expected_value"] + 1e-9).all()
    assert set(customers["currency"]) == {"USD"}
    assert customers["lifetime_value"].is_monotonic_decreasing
    assert set(customers["value_class"]) == {"top", "large", "medium", "small"}


def test_the_values_are_those_of_the_models_by_hand(done):
    customers = table_of(done, "customers").set_index("customer_id")
    bundle = read_value_bundle(done[3].paths["bundle"])
    log = done[1][done[1]["quantity"] > 0].rename(
        columns={"customer": "customer_id", "day": "ordered_at", "price": "amount"}
    )
    seen = purchase_histories(log, "2010-12-31")
    expected = bundle.buying.expected_purchases(seen, 273 / 7)
    worth = bundle.spending.expected_spend(seen) * expected * 0.5
    assert customers["expected_value"].reindex(seen.index).to_numpy() == pytest.approx(worth)
    free = value_table(bundle, seen, discount=0.0)
    assert free["lifetime_value"].to_numpy() == pytest.approx(worth)
    gone = value_table(bundle, seen, discount=0.0, retention=0.0)["lifetime_value"]
    month = bundle.buying.expected_purchases(seen, 365.25 / 12 / 7)
    assert gone.to_numpy() == pytest.approx(bundle.spending.expected_spend(seen) * month * 0.5)


def test_the_models_were_fitted_before_and_held_against_what_came(done):
    board = done[3].leaderboard.set_index("candidate")
    frame = done[1][done[1]["quantity"] > 0]
    before, until = pd.Timestamp("2010-10-01"), pd.Timestamp("2010-12-31")
    known = frame.loc[frame["day"] <= before, "customer"].unique()
    after = frame[frame["day"].between(before + pd.Timedelta(days=1), until)]
    days = after[after["customer"].isin(known)].drop_duplicates(["customer", "day"])
    assert (board["actual_purchases"] == len(days)).all()
    assert np.isnan(board.loc["same-rate", "log_likelihood"])
    assert board.loc["bg-nbd", "log_likelihood"] > board.loc["nbd", "log_likelihood"]
    assert board["winner"].sum() == 1
    assert board.loc[["bg-nbd", "pareto-nbd"], "winner"].any()
    assert abs(board.loc[board["winner"], "off_total"].iloc[0]) < 0.25


def test_later_purchases_cannot_reach_the_values(done, tmp_path, tracking_template):
    """The last day that is read is the end of the outcome, 2010-12-31."""
    frame = done[1][done[1]["day"] <= "2010-12-31"]
    more = shop(40, seed=9).assign(day=pd.Timestamp("2011-02-01"))
    config = config_of(tmp_path, pd.concat([frame, more]), tracking_template)
    again = pd.read_parquet(run(config).paths["customers"])
    pd.testing.assert_frame_equal(again, table_of(done, "customers"))


def test_profit_so_far_counts_returns(done):
    profits = table_of(done, "profits")
    mine = profits[profits["customer_id"] == "c0001"]
    lines = done[1][(done[1]["customer"] == "c0001") & (done[1]["day"] <= "2010-12-31")]
    assert mine["profit"].sum() == pytest.approx(0.5 * (lines["quantity"] * lines["price"]).sum())
    assert mine["profit"].min() < 0


def test_the_others_are_scored_by_their_likeness_to_the_profitable(done):
    alike, profits = table_of(done, "look_alikes"), table_of(done, "profits")
    sums = profits.groupby("customer_id")["profit"].sum()
    bought = sums[sums.index.isin(table_of(done, "customers")["customer_id"])]
    others = bought[bought <= bought.quantile(0.8)]
    assert sorted(alike["customer_id"]) == sorted(others.index)
    assert alike["profit"].to_numpy() == pytest.approx(sums[alike["customer_id"]].to_numpy())
    page = done[3].paths["report"].read_text()
    assert "Who looks like the profitable" in page
    # All orders are of the one thing: nothing but money tells the customers apart.
    assert "Nothing else is known of the customers by which they could be told apart." in page
    assert "The score of likeness" not in page
    assert alike["look_alike"].between(0.15, 0.25).all()


def test_the_choice_keeps_to_its_limit(done):
    customers, metrics = table_of(done, "customers"), done[3].metrics
    assert customers["chosen"].sum() == metrics["chosen"] == 50
    assert customers["chosen"].head(50).all()
    rest = customers.loc[~customers["chosen"], "lifetime_value"] - 1
    assert metrics["value_forgone"] == pytest.approx(rest.clip(lower=0).sum())
    assert metrics["customer_equity"] == pytest.approx(customers["lifetime_value"].sum())


def test_the_report_tells_it_and_names_nobody(done):
    page = done[3].paths["report"].read_text()
    told = ("Does it track?", "Profit so far", "What if", "Classes of value", "calibration")
    for said in (*told, "Not asked", "state &#39;relationship&#39;"):
        assert said in page
    assert "c0001" not in page
    manifest = json.loads(done[3].paths["manifest"].read_text())
    assert manifest["winner"] in ("bg-nbd", "pareto-nbd")
    assert set(manifest["parameters"]) == set(manifest["standard_errors"])
    assert "customers are worth" in done[3].headline
    assert re.search(r"the model expected [0-9.]+% (more|fewer) purchases than were made", page)
    # Of who came once, BG/NBD knows nothing; the other model doubts everybody.
    once = "have not come back since they first bought" in page
    assert once == (manifest["winner"] == "bg-nbd")


def test_what_was_tracked_adds_up(done):
    tracking = table_of(done, "tracking")
    assert tracking["actual"].sum() == tracking["cumulative_actual"].iloc[-1]
    assert len(tracking) == int((365 - 1) / 7)


def test_a_second_run_says_the_same(done):
    again = run(done[2])
    assert again.metrics == done[3].metrics
    pd.testing.assert_frame_equal(
        pd.read_parquet(again.paths["customers"]), table_of(done, "customers")
    )


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_new_purchases_are_priced_by_the_bundle(done, tmp_path, form):
    data, out = {"orders": [done[0] / "orders.csv"]}, tmp_path / f"values.{form}"
    scored = score_records(done[3].paths["bundle"], data=data, out=out, as_of=date(2010, 12, 31))
    table = pd.read_parquet(out) if form == "parquet" else pd.read_csv(out)
    expected = table_of(done, "customers").drop(columns="chosen").reset_index(drop=True)
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)
    assert "customers are worth" in scored.text()
    manifest = json.loads((tmp_path / f"values.{form}.manifest.json").read_text())
    assert manifest["list"]["customers"] == len(table)
    assert scored.to_dict()["paths"]["list"] == str(out)


def test_a_day_is_needed_for_scoring(done, tmp_path):
    data = {"orders": [done[0] / "orders.csv"]}
    with pytest.raises(ConfigError, match="missing: --as-of"):
        score_records(done[3].paths["bundle"], data=data, out=tmp_path / "v.csv")
    with pytest.raises(DataError, match="no purchase up to 2009-01-01"):
        score_records(
            done[3].paths["bundle"], data=data, out=tmp_path / "v.csv", as_of=date(2009, 1, 1)
        )
    wrong = {"order": [done[0] / "orders.csv"]}
    with pytest.raises(ConfigError, match="does not know") as caught:
        score_records(
            done[3].paths["bundle"], data=wrong, out=tmp_path / "v.csv", as_of=date(2010, 12, 31)
        )
    assert "orders" in str(caught.value.__dict__) or "orders" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_bundle_that_was_touched_is_refused(done, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(done[3].paths["bundle"], folder)
    (folder / "buying.json").write_text("{}")
    with pytest.raises(BundleError, match="not as it was written"):
        read_value_bundle(folder)


@pytest.mark.parametrize(
    ("frame", "sets", "message"),
    [
        (shop(12), [], r"of \d+ customers up to 2010-10-01, \d+ bought on more than one day"),
        (once(), [], "0 bought on more than one day"),
        (shop(60), ["window.as_of=2011-01-30"], "leaves no 91 days"),
    ],
)
def test_too_little_is_refused_and_nothing_written(
    tmp_path, tracking_template, frame, sets, message
):
    config = config_of(tmp_path, frame, tracking_template, *sets)
    with pytest.raises(DataError, match=message):
        run(config)
    assert not list((tmp_path / "workspace" / "runs").glob("*/report.html"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("models=[bgnbd]", "no model is called 'bgnbd'"),
        ("models=[same-rate]", "same-rate knows no probabilities"),
        ("models=[nbd, nbd]", "stated twice: nbd"),
        ("classes={top: 0.5, large: 0.4, medium: 0.3}", "must sum to 1 at most"),
        ("choose={budget: 10}", "limits nothing while 'cost' is 0"),
        ("economics.horizon=6000d", "at most 1826"),
    ],
)
def test_wrong_terms_are_refused(tmp_path, tracking_template, change, said):
    with pytest.raises(ConfigError) as caught:
        config_of(tmp_path, shop(5), tracking_template, change)
    assert said in f"{caught.value} {getattr(caught.value, 'problems', '')}"


@pytest.fixture(scope="module")
def example(real_data, repository, tracking_template, tmp_path_factory):
    """Run one of the examples on its real data, once."""

    @functools.cache
    def of(name: str):
        workspace = tmp_path_factory.mktemp("example")
        shutil.copy(tracking_template, workspace / "mlflow.db")
        sets = [f"workspace={workspace}", "evaluation.bootstrap=100"]
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("LODE_DATA", str(real_data))
            return run(load(repository / "configs" / name, sets))

    return of


@pytest.mark.real
def test_the_published_case_from_file_to_report(example):
    """CDNOW: fitted on 39 weeks, tracked over the next 39 (Fader, Hardie, Lee 2005)."""
    done = example("value_cdnow.yaml")
    fitted = json.loads(done.paths["manifest"].read_text())["parameters_of_calibration"]
    rounded = {name: round(value, 3) for name, value in fitted["bg-nbd"].items()}
    assert rounded == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    board = done.leaderboard.set_index("candidate")
    assert board.loc["bg-nbd", "winner"]
    assert board["log_likelihood"].drop("same-rate").idxmax() in ("bg-nbd", "pareto-nbd")
    assert board.loc["nbd", "below_best_high"] < 0
    assert abs(board.loc["bg-nbd", "off_total"]) < 0.15
    assert board.loc["nbd", "off_total"] > 0.3
    assert board.loc["bg-nbd", "mae"] < board.loc["same-rate", "mae"]
    assert done.metrics["customers"] == 2357
    # 500 at 5 each is what the budget of 2,500 pays for.
    assert done.metrics["chosen"] == 500
    assert done.metrics["value_forgone"] > 0


@pytest.mark.real
def test_the_weeks_of_cdnow_are_tracked(example, real_data):
    columns = ["master", "customer", "day", "pieces", "price"]
    log = pd.read_csv(
        real_data / "cdnow_sample.txt", sep=r"\s+", header=None, names=columns, dtype={"day": str}
    )
    done = example("value_cdnow.yaml")
    tracking = pd.read_parquet(done.paths["tracking"])
    days = log.drop_duplicates(["customer", "day"])
    # Repeats in the 77 whole weeks of the 78 from the first day of 1997.
    until = (pd.Timestamp("1997-01-01") + pd.Timedelta(days=77 * 7)).strftime("%Y%m%d")
    repeats = days[days["day"] <= until].groupby("customer").size() - 1
    assert len(tracking) == 77
    assert tracking["cumulative_actual"].iloc[-1] == repeats.sum()
    off = tracking["cumulative_expected"] / tracking["cumulative_actual"] - 1
    assert abs(off.iloc[38]) < 0.03
    assert abs(off.iloc[-1]) < 0.08


@pytest.mark.real
def test_the_example_runs(example):
    done = example("value.yaml")
    assert done.metrics["customers"] == 3360
    assert done.leaderboard["winner"].sum() == 1
    profits = pd.read_parquet(done.paths["profits"])
    assert profits["profit"].min() < 0
