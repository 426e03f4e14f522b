"""MLlib behind the same interface; one session for the whole file."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pipelines
from lodeworks.errors import BudgetExceeded, NotInstalled
from lodeworks.progress import Silent
from models.association import Baskets, Budget, association_rules, frequent_itemsets
from models.sequences import Sequences, frequent_sequences
from pipelines.mining.engines import SparkEngine
from pipelines.mining.itemsets import MineItemsets
from pipelines.mining.limits import Limits
from pipelines.mining.rules import MineRules
from pipelines.mining.search import Search, SequenceSearch
from pipelines.mining.sequences import MineSequences
from pipelines.mining.source import Source
from pipelines.mining.support import Support
from pipelines.spark.session import open_session, require_spark

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    try:
        require_spark()
    except NotInstalled as error:
        pytest.skip(str(error))
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("spark"))
    try:
        with open_session("local[2]", Silent()) as opened:
            yield opened
        assert not list(Path().iterdir())
    finally:
        os.chdir(before)


def as_dict(found):
    return dict(zip(found.sets(), found.counts.tolist(), strict=True))


def drawn(seed, n=40, items=7):
    chance = np.random.default_rng(seed)
    return [np.flatnonzero(chance.random(items) < 0.4).tolist() for _ in range(n)]


def test_the_session_is_closed_to_the_network(session):
    told = {name: session.conf.get(name) for name in ("spark.driver.host", "spark.ui.enabled")}
    assert told == {"spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false"}
    assert session.conf.get("spark.driver.bindAddress") == "127.0.0.1"
    assert session.sparkContext.uiWebUrl is None


@pytest.mark.parametrize(("count", "length", "target"), [(2, None, "frequent"), (1, 2, "closed")])
def test_itemsets_are_the_same(session, count, length, target):
    baskets = Baskets.from_lists([*drawn(count), [], []])
    found = SparkEngine().itemsets(
        baskets, Search(count, length, target=target), Budget(), Silent()
    )
    expected = frequent_itemsets(baskets, min_count=count, max_length=length, target=target)
    assert as_dict(found) == as_dict(expected)
    assert found.codes() == sorted(found.codes())
    assert found.n_baskets == 42


def test_no_more_is_fetched_than_the_budget_allows(session):
    baskets = Baskets.from_lists(drawn(3))
    with pytest.raises(BudgetExceeded, match="over the budget of 5 itemsets: 6 found; nothing"):
        SparkEngine().itemsets(baskets, Search(1), Budget(itemsets=5), Silent())


@pytest.mark.parametrize(
    ("length", "elements", "target"),
    [(None, None, "closed"), (3, None, "frequent"), (None, 2, "frequent")],
)
def test_sequences_are_the_same_in_the_same_order(session, length, elements, target):
    rows = drawn(4, n=60, items=4)
    bought = Sequences.from_lists([*(rows[k : k + 3] for k in range(0, 60, 3)), []])
    search = SequenceSearch(4, length, elements, target=target)
    found = SparkEngine().sequences(bought, search, Budget(), Silent())
    expected = frequent_sequences(
        bought, min_count=4, max_length=length, max_elements=elements, target=target
    )
    assert len(expected) > 20
    assert found.to_arrow().equals(expected.to_arrow())
    with pytest.raises(BudgetExceeded, match="over the budget of 3 itemsets: 4 found"):
        SparkEngine().sequences(bought, search, Budget(itemsets=3), Silent())


@pytest.mark.real
def test_rules_of_groceries_have_any_number_of_consequents(session, real_data, notebook):
    source = Source(real_data / "groceries.csv")
    sets = MineItemsets(source, Support(count=30), Limits(4 * 10**9), engine=SparkEngine())
    task = MineRules(sets, min_confidence=0.2)
    found = task.search(task.load(notebook), notebook)
    own = MineItemsets(source, Support(count=30), Limits(4 * 10**9))
    expected = association_rules(own.find(own.load(notebook), notebook), min_confidence=0.2)
    rows = [sorted(map(str, table.to_pylist())) for table in (found, expected.to_arrow())]
    assert rows[0] == rows[1]
    assert max(len(row["consequent"]) for row in found.to_pylist()) > 1


@pytest.mark.real
def test_itemsets_and_sequences_of_groceries(session, real_data, notebook):
    sets = MineItemsets(
        Source(real_data / "groceries.csv"),
        Support(count=10),
        Limits(4 * 10**9),
        engine=SparkEngine(),
    )
    loaded = sets.load(notebook)
    found = sets.find(loaded, notebook)
    assert len(found) == 13_492
    assert as_dict(found) == as_dict(frequent_itemsets(loaded.data, min_count=10))
    members = Source(
        real_data / "groceries_members.csv",
        item="itemDescription",
        customer="Member_number",
        time="Date",
    )
    named = {"support": Support(count=60), "limits": Limits(4 * 10**9), "time_format": "%d-%m-%Y"}
    tasks = [MineSequences(members, **named), MineSequences(members, **named, engine=SparkEngine())]
    tables = [task.search(task.load(notebook), notebook) for task in tasks]
    assert tables[0].num_rows > 400
    assert tables[0].equals(tables[1])


WRONG_MASTER = """
from lodeworks.errors import LodeError
from lodeworks.progress import Silent
from pipelines.spark.session import open_session
try:
    open_session("nowhere", Silent()).__enter__()
except LodeError as error:
    print(error)
"""


def test_a_master_that_is_none_is_told(session):
    """In a process of its own, because a session is open here."""
    root = Path(pipelines.__file__).parents[1]
    words = [sys.executable, "-c", WRONG_MASTER]
    done = subprocess.run(words, capture_output=True, text=True, cwd=root)
    assert done.stdout == (
        "--spark-master nowhere: Spark did not start: Master must either be yarn or start with "
        "spark, k8s, or local\n"
    )
    assert done.stderr == ""
