"""What travels to a task, and what a task does with it; without a Java machine."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from experiments.bundle import load_bundle
from features.cut import Cut
from features.windows import Window
from lodeworks.errors import BundleError
from pipelines.crosssell.facts import Facts
from pipelines.crosssell.parts import PartScorer
from pipelines.crosssell.snapshots import take_snapshot_for
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.lists.baseline import Baseline
from pipelines.lists.bundled import list_spec, scorer_of
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.writer import ARROW_TYPES
from pipelines.spark import parts
from pipelines.spark.parts import OfferTask, RowTask, TellTask
from pipelines.spark.rows import OFFERS, chosen_of
from pipelines.spark.shipment import pack, unpack

pytestmark = pytest.mark.real
pytest.importorskip("pyspark", reason="pyspark is missing")

TYPES = tuple(ARROW_TYPES.items())
REFUSED = frozenset({"12748"})


@pytest.fixture(scope="module")
def window(retail):
    return Window(retail.listed, 730, 0, 31)


@pytest.fixture(scope="module")
def snapshot(retail):
    return take_snapshot_for(retail.meta, retail.warehouse, retail.listed)


@pytest.fixture(scope="module")
def part(retail, window):
    """A list with something of every kind that must travel."""
    bundle = load_bundle(retail.bundle)
    scorer = scorer_of(bundle, "7")
    stated = pd.DataFrame({"customer_id": [None], "item_id": ["22423"], "probability": [0.01]})
    scorer = replace(scorer, baseline=Baseline("file", 31, stated))
    pairs = pd.DataFrame({"customer_id": ["14911"], "item_id": ["85123A"]})
    exclusions = Exclusions(frozenset({"13798"}), frozenset({"20725"}), pairs)
    facts = Facts.of(Cut.of(retail.warehouse, window), scorer.recommender.items_, 31)
    vetoes = (PurchaseRule(("22423",), "22086"),)
    return PartScorer.of(bundle, scorer, list_spec(bundle), exclusions, facts, vetoes)


@pytest.fixture
def packed(part, retail, window, tmp_path, monkeypatch):
    """Give folder and seal of a shipment, and let tasks find it."""
    folder = tmp_path / "shipment"
    folder.mkdir()
    seal = pack(folder, retail.bundle, part, window)
    parts._opened.cache_clear()
    monkeypatch.setattr("pyspark.SparkFiles.get", lambda name: str(folder))
    yield folder, seal
    parts._opened.cache_clear()


def as_rows(snapshot):
    """Put all that is known of a customer into one row, as Spark does."""
    customers = snapshot.customers.index

    def lists(frame, columns):
        kept = {name: some[columns].to_dict("records") for name, some in frame}
        return [kept.get(name) for name in customers]

    lines = snapshot.purchases.groupby("customer_id")
    earlier = snapshot.earlier.groupby("customer_id")["item_id"].apply(list)
    line = pa.struct(
        {
            "ordered_at": pa.timestamp("us"),
            "order_id": pa.string(),
            "item_id": pa.string(),
            "quantity": pa.float64(),
            "amount": pa.float64(),
        }
    )
    order = [field.name for field in line]
    known = snapshot.customers.reset_index().to_dict("records")
    table = {
        "customer_id": pa.array(customers, pa.string()),
        "lines": pa.array(lists(lines, order), pa.list_(line)),
        "earlier": pa.array([earlier.get(name) for name in customers], pa.list_(pa.string())),
        "known": pa.array(known),
        "person": pa.array([{"customer_id": name} for name in customers]),
        "refused": pa.array([name in REFUSED for name in customers]),
    }
    return pa.table(table)


def rows_of(task, table, size):
    batches = list(task(iter(table.to_batches(max_chunksize=size))))
    return pa.Table.from_batches(batches).to_pandas()


def test_everything_arrives(part, packed, window):
    arrived, stated = unpack(*packed)
    assert stated == window
    assert (arrived.spec, arrived.vetoes) == (part.spec, part.vetoes)
    assert arrived.exclusions.customers == part.exclusions.customers
    assert arrived.exclusions.items == part.exclusions.items
    pd.testing.assert_frame_equal(arrived.exclusions.pairs, part.exclusions.pairs)
    pd.testing.assert_frame_equal(
        arrived.scorer.baseline.rows, part.scorer.baseline.rows, check_dtype=False
    )
    assert arrived.scorer.version == "7"
    crowd, known = arrived.facts.crowd, part.facts.crowd
    assert (crowd.owned != known.owned).nnz == 0
    assert np.array_equal(crowd.again, known.again)
    assert (arrived.facts.customers, arrived.facts.oldest) == (
        part.facts.customers,
        part.facts.oldest,
    )


@pytest.mark.parametrize("size", [97, 100_000])
def test_a_task_gives_the_rows_of_all_customers_together(part, packed, snapshot, size):
    task = RowTask("anything", packed[1], TYPES)
    found = rows_of(task, as_rows(snapshot), size)
    expected = part.rows(snapshot, REFUSED)
    assert len(expected) > 3000
    assert not {*REFUSED, "13798"} & set(found["customer_id"])
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_offers_are_chosen_among_and_told(part, packed, snapshot, tmp_path):
    """What the driver chooses among the offers of all tasks comes back with names and reasons."""
    table = as_rows(snapshot)
    offers = rows_of(OfferTask("anything", packed[1], OFFERS), table, 200)
    chosen, _ = chosen_of(offers, part)
    by_customer = {
        name: some.drop(columns="customer_id").to_dict("records")
        for name, some in chosen.groupby("customer_id")
    }
    named = [by_customer.get(name) for name in table["customer_id"].to_pylist()]
    told = rows_of(
        TellTask("anything", packed[1], TYPES), table.append_column("chosen", pa.array(named)), 150
    )
    expected = part.rows(snapshot, REFUSED)
    pd.testing.assert_frame_equal(told, expected, check_dtype=False)


def test_an_empty_batch_gives_nothing(packed, snapshot):
    empty = as_rows(snapshot).slice(0, 0).to_batches()
    assert list(RowTask("anything", packed[1], TYPES)(iter(empty))) == []


def test_only_open_formats_travel(packed):
    kinds = {path.suffix for path in packed[0].rglob("*") if path.is_file()}
    assert kinds <= {".json", ".parquet", ".npz", ".safetensors", ".txt", "", ".yaml"}


@pytest.mark.parametrize("name", ["terms.json", "crowd.npz", "bundle/meta.json"])
def test_a_changed_file_is_refused_by_name(packed, name):
    folder, seal = packed
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(BundleError, match="not as it was written") as caught:
        unpack(folder, seal)
    assert caught.value.problems[0] == f"{name}: was changed"


def test_another_shipment_is_refused(packed):
    with pytest.raises(BundleError, match="not what the driver sent"):
        unpack(packed[0], "0" * 64)
