"""The whole shop: its files, what can be found in them, and what happens when writing fails."""

import json
import tracemalloc
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

from features.generate import generate, parameters
from features.generate import shop as module
from lodeworks.errors import ConfigError
from lodeworks.files import file_digest

FILES = {
    "contacts.csv",
    "customers.csv",
    "items.csv",
    "lines.csv",
    "truth.json",
    "truth_segments.parquet",
}


def digests(folder: Path) -> dict[str, str]:
    return {path.name: file_digest(path) for path in sorted(folder.iterdir())}


class Steps:
    def __init__(self, fail_at: int | None = None) -> None:
        self.events: list[tuple] = []
        self.fail_at = fail_at

    def start(self, task, total=None):
        self.events.append(("start", task, total))

    def step(self, task, detail=""):
        self.events.append(("step", task, detail))
        if self.fail_at == len(self.events) - 1:
            raise OSError(28, "No space left on device")

    def done(self, task, detail=""):
        self.events.append(("done", task, detail))

    def note(self, message):
        self.events.append(("note", message))


class Kept:
    def write(self, table):
        self.table = table


# --- files -------------------------------------------------------------------------------------


def test_all_files_are_there_and_named(shop):
    assert {path.name for path in shop.folder.iterdir()} == FILES
    assert {path.name for path in shop.generated.paths.values()} == FILES
    assert all(path.is_file() for path in shop.generated.paths.values())


def test_the_result_says_what_the_truth_says(shop):
    summary = json.loads(json.dumps(shop.generated.to_dict()))
    assert summary["dirty"] == shop.truth["dirty"]
    assert {**summary["counts"], "clean_lines": len(shop.clean)} == shop.truth["counts"]
    assert Path(summary["paths"]["lines"]).parent == shop.folder


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_same_seed_same_bytes(tmp_path, file_format):
    for name in ("one", "two"):
        generate(tmp_path / name, lines=3_000, seed=5, file_format=file_format)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_other_data(tmp_path):
    for seed in (5, 6):
        generate(tmp_path / str(seed), lines=3_000, seed=seed)
    first, second = digests(tmp_path / "5"), digests(tmp_path / "6")
    assert [name for name in first if first[name] == second[name]] == []


def test_parquet_and_csv_hold_the_same(tmp_path):
    for file_format in ("csv", "parquet"):
        generate(tmp_path / file_format, lines=3_000, seed=5, file_format=file_format)
    for name in ("lines", "items", "customers", "contacts"):
        text = pd.read_csv(tmp_path / f"csv/{name}.csv", dtype=str, keep_default_na=False)
        typed = pq.read_table(tmp_path / f"parquet/{name}.parquet").to_pandas()
        assert list(text.columns) == list(typed.columns)
        for column in typed:
            if typed[column].dtype == float:
                assert text[column].astype(float).to_numpy() == pytest.approx(typed[column])
            else:
                same = typed[column].fillna("").astype(str).str.lower()
                assert text[column].str.lower().tolist() == same.tolist()
    lines = pq.read_schema(tmp_path / "parquet/lines.parquet")
    assert {str(lines.field(c).type) for c in ("quantity", "ordered_at", "customer_id")} == {
        "string"
    }
    assert (tmp_path / "csv/truth.json").read_bytes() == (
        tmp_path / "parquet/truth.json"
    ).read_bytes()


@pytest.mark.parametrize("lines", [1_000, 1_013, 4_999, 20_000])
def test_exactly_as_many_lines_as_asked(tmp_path, lines):
    made = generate(tmp_path / "shop", lines=lines, seed=1)
    with made.paths["lines"].open() as file:
        assert sum(1 for _ in file) == lines + 1
    assert made.counts["lines"] == lines
    assert made.counts["customers"] == lines // 25


@pytest.mark.parametrize("dirty", [0.0, 0.5])
def test_the_share_of_dirt_is_kept_at_its_limits(tmp_path, dirty):
    made = generate(tmp_path / "shop", lines=5_000, seed=1, dirty=dirty)
    assert made.counts["lines"] == 5_000
    assert sum(made.dirty.values()) / 5_000 == pytest.approx(dirty, abs=0.002)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2023, 12, 25), date(2023, 12, 25)),
        (date(2024, 2, 20), date(2024, 3, 2)),
        (date(1999, 6, 1), date(2019, 5, 31)),
    ],
)
def test_a_short_and_a_long_period_work(tmp_path, start, end):
    made = generate(tmp_path / "shop", lines=2_000, start=start, end=end, dirty=0)
    lines = pd.read_csv(made.paths["lines"], parse_dates=["ordered_at"])
    assert len(lines) == 2_000
    assert lines["ordered_at"].min() >= pd.Timestamp(start)
    assert lines["ordered_at"].max() < pd.Timestamp(end) + pd.Timedelta(days=1)


def test_blocks_fit_together(tmp_path, monkeypatch):
    monkeypatch.setattr(parameters, "CUSTOMERS_PER_BLOCK", 64)
    steps = Steps()
    made = generate(tmp_path / "shop", lines=10_000, seed=2, progress=steps)
    assert [event[0] for event in steps.events] == ["start", *["step"] * 7, "done"]
    assert steps.events[0] == ("start", "generate", 7)
    lines = pd.read_csv(made.paths["lines"], dtype=str)
    assert len(lines) == 10_000
    known = lines.dropna(subset="customer_id")
    assert known.groupby("order_id")["customer_id"].nunique().eq(1).all()
    customers = pd.read_csv(made.paths["customers"])
    assert customers["customer_id"].is_unique
    assert len(customers) == 400
    truth = json.loads(made.paths["truth"].read_text())
    assert lines.duplicated().sum() == truth["dirty"]["duplicate"]


def test_a_block_is_the_same_in_whatever_order_blocks_are_made(monkeypatch):
    monkeypatch.setattr(parameters, "CUSTOMERS_PER_BLOCK", 100)
    wanted = parameters.Parameters(7_500, 4, date(2023, 1, 1), date(2023, 12, 31), 0.1)

    def made(order: list[int]) -> dict[int, dict[str, Kept]]:
        common = module._Shop(wanted)
        blocks = {}
        for block in order:
            blocks[block] = {name: Kept() for name in (*module.TABLES, "truth_segments")}
            truth = module.Truth(common.patterns, common.campaigns)
            common._write_block(block, blocks[block], truth)
        return blocks

    forwards, otherwise = made([0, 1, 2]), made([2, 0, 1])
    for block in range(3):
        for name in ("lines", "customers", "contacts", "truth_segments"):
            assert forwards[block][name].table.equals(otherwise[block][name].table)
    assert not forwards[0]["lines"].table.equals(forwards[1]["lines"].table)


def test_memory_does_not_grow_with_the_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(parameters, "CUSTOMERS_PER_BLOCK", 200)
    monkeypatch.setattr(parameters, "ITEM_GROWTH", 0)
    peaks = []
    for lines in (10_000, 10_000, 60_000):  # the first one also pays for what is loaded once
        tracemalloc.start()
        generate(tmp_path / "shop", lines=lines, file_format="parquet")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.2 * peaks[1]


# --- failures ----------------------------------------------------------------------------------


def test_bad_input_is_refused_with_all_problems_and_nothing_is_written(tmp_path):
    with pytest.raises(ConfigError, match="nothing was written") as refused:
        generate(tmp_path / "shop", lines=10, dirty=0.9, file_format="xls")
    assert len(refused.value.problems) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(parameters, "CUSTOMERS_PER_BLOCK", 64)
    with pytest.raises(OSError, match="No space left"):
        generate(tmp_path / "shop", lines=10_000, progress=Steps(fail_at=3))
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_the_former_shop(tmp_path, monkeypatch):
    generate(tmp_path / "shop", lines=1_000, seed=1)
    before = digests(tmp_path / "shop")

    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "draw_dirt", interrupted)
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "shop", lines=1_000, seed=2)
    assert digests(tmp_path / "shop") == before
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_former_shop_is_replaced_whole(tmp_path):
    generate(tmp_path / "shop", lines=1_000)
    generate(tmp_path / "shop", lines=1_000, file_format="parquet")
    assert not list((tmp_path / "shop").glob("*.csv"))


# --- what a retailer and a miner can find ------------------------------------------------------


def test_every_key_refers_to_something(shop):
    known = shop.customers["customer_id"]
    assert known.is_unique
    assert shop.items["item_id"].is_unique
    assert shop.clean["customer_id"].isin(known).all()
    assert shop.raw["item_id"].isin(shop.items["item_id"]).all()
    assert shop.contacts["customer_id"].isin(known).all()
    assert shop.contacts["item_id"].isin(shop.items["item_id"]).all()


def test_nobody_buys_before_joining(shop):
    joined = shop.clean["customer_id"].map(shop.customers.set_index("customer_id")["joined_on"])
    assert (shop.clean["moment"] >= joined).all()


def test_who_opted_out_was_not_contacted(shop):
    refused = shop.customers[shop.customers["opt_out"]]["customer_id"]
    assert len(refused) > 50
    assert not shop.contacts["customer_id"].isin(refused).any()


def test_a_tenth_of_the_customers_makes_a_third_of_the_lines(shop):
    sizes = shop.clean.groupby("customer_id").size().sort_values(ascending=False)
    assert sizes.head(len(sizes) // 10).sum() > len(shop.clean) / 3


def test_bundles_are_bought_together_far_above_chance(shop):
    baskets = shop.clean.groupby("item_id")["order_id"].agg(set)
    orders = shop.clean["order_id"].nunique()
    for bundle in shop.truth["bundles"]:
        first, then = baskets[bundle["first"]], baskets[bundle["then"]]
        assert len(first & then) * orders / (len(first) * len(then)) > 5


def test_sequences_run_forwards(shop):
    forwards = backwards = 0
    for sequence in shop.truth["sequences"]:
        first, then = (
            shop.clean[shop.clean["item_id"] == sequence[k]][["customer_id", "moment"]]
            for k in ("first", "then")
        )
        pairs = first.merge(then, on="customer_id")
        lag = (pairs["moment_y"] - pairs["moment_x"]).dt.days
        window = (0.7 * sequence["days"], 1.3 * sequence["days"])
        forwards += lag.between(*window).sum()
        backwards += (-lag).between(*window).sum()
    assert forwards > 3 * backwards


def test_segments_can_be_told_from_what_they_buy(shop):
    share = pd.crosstab(shop.clean["customer_id"], shop.clean["category"])
    share = share[share.sum(axis=1) >= 15]
    share = share.div(share.sum(axis=1), axis=0)
    segment = shop.segments.set_index("customer_id")["segment"].loc[share.index]
    half = len(share) // 2
    model = LogisticRegression(C=100, max_iter=500).fit(share[:half], segment[:half])
    usual = segment[half:].value_counts(normalize=True).iloc[0]
    assert model.score(share[half:], segment[half:]) > max(0.65, 2 * usual)


def test_campaigns_cause_what_the_truth_says(shop):
    arms = shop.contacts.groupby("group")["responded"].agg(["mean", "size"])
    rate, size = arms["mean"], arms["size"]
    error = np.sqrt((rate * (1 - rate) / size).sum())
    chosen = [row["target"] + row["control"] for row in shop.truth["campaigns"]]
    uplift = np.average([row["uplift"] for row in shop.truth["campaigns"]], weights=chosen)
    found = rate["target"] - rate["control"]
    assert abs(found - uplift) < 3 * error
    assert found > 3 * error


def test_who_answered_bought_the_offered_item_in_time_and_nobody_else_did(shop):
    bought = shop.contacts.merge(
        shop.clean[["customer_id", "item_id", "moment"]], on=["customer_id", "item_id"], how="left"
    )
    day = bought["moment"].dt.normalize() - bought["contacted_on"]
    in_time = bought[day.between(pd.Timedelta(0), pd.Timedelta(days=14))]
    key = ["campaign_id", "customer_id"]
    found = set(in_time[key].itertuples(index=False, name=None))
    answered = shop.contacts[shop.contacts["responded"]]
    assert found == set(answered[key].itertuples(index=False, name=None))


def test_december_is_busy_and_christmas_goods_sell_before_christmas(shop):
    month = shop.clean["moment"].dt.month
    share = month.value_counts(normalize=True)
    assert share[12] > 1.4 * share[[1, 2, 6, 7]].max()
    festive = month[shop.clean["category"] == "Christmas"].value_counts(normalize=True)
    assert festive[12] > 0.4
    barbecue = month[shop.clean["category"] == "Barbecue"]
    assert barbecue.isin([6, 7, 8]).mean() > 2 * month.isin([6, 7, 8]).mean()


def test_young_families_buy_the_nappies(shop):
    stage = shop.clean["customer_id"].map(shop.customers.set_index("customer_id")["life_stage"])
    nappies = shop.clean["category"] == "Nappies"
    share = nappies.groupby(stage).mean()
    assert share.idxmax() == "young family"
    assert share["young family"] > 5 * share["retired"]


def test_what_was_bought_before_foretells_what_is_bought_next(shop):
    """A customer's own categories find new items about twice as well as popularity does."""
    cut = shop.clean["moment"].max() - pd.Timedelta(days=31)
    before, after = (
        shop.clean[shop.clean["moment"] <= cut],
        shop.clean[shop.clean["moment"] > cut],
    )
    items = shop.items["item_id"]
    owned = pd.crosstab(before["customer_id"], before["item_id"]).reindex(
        columns=items, fill_value=0
    )
    bought = pd.crosstab(after["customer_id"], after["item_id"])
    bought = bought.reindex(index=owned.index, columns=items, fill_value=0).to_numpy() > 0
    held = owned.to_numpy() > 0
    popularity = held.sum(axis=0)
    code = pd.factorize(shop.items["category"])[0]
    member = np.eye(code.max() + 1)[code]
    liking = owned.to_numpy() @ member + 0.5
    within = popularity / (popularity @ member)[code]
    by_category, by_popularity = liking[:, code] * within, np.tile(popularity, (len(held), 1))
    new = bought & ~held
    scores = [_recall(s, held, new) for s in (by_category, by_popularity)]
    difference = scores[0] - scores[1]
    assert scores[0].mean() > 1.5 * scores[1].mean()
    assert stats.ttest_1samp(difference, 0).statistic > 5


def _recall(score: np.ndarray, held: np.ndarray, new: np.ndarray, k: int = 10) -> np.ndarray:
    top = np.argsort(np.where(held, 1.0, -score.astype(float)), axis=1, kind="stable")[:, :k]
    hits, total = np.take_along_axis(new, top, axis=1).sum(axis=1), new.sum(axis=1)
    return hits[total > 0] / total[total > 0]
