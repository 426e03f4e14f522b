from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks.errors import BudgetExceeded, ConfigError, DataError
from models.association import Taxonomy, explained_by_ancestors, taxonomy_itemsets
from pipelines.mining.engines import MlxtendEngine
from pipelines.mining.hierarchy import Hierarchy, hierarchy_of
from pipelines.mining.itemsets import MineItemsets
from pipelines.mining.limits import Limits
from pipelines.mining.rules import MineRules
from pipelines.mining.source import Source
from pipelines.mining.support import Support

PARENTS = {"ale": "beer", "stout": "beer", "beer": "drinks", "tea": "drinks", "nuts": "food"}
NAMES = ["ale", "stout", "tea", "nuts"]
shared = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
lists = st.lists(st.lists(st.sampled_from(NAMES), min_size=1), min_size=1, max_size=12)


@pytest.fixture
def taxonomy(tmp_path):
    path = tmp_path / "tax.csv"
    path.write_text("item,parent\n" + "".join(f"{a},{b}\n" for a, b in PARENTS.items()))
    return path


@pytest.fixture
def task(tmp_path, taxonomy):
    def make(baskets, count=2, memory=10**9, target="frequent", length=None, **levels):
        file = tmp_path / "in.txt"
        file.write_text("".join(",".join(basket) + "\n" for basket in baskets))
        return MineItemsets(
            Source(file, "baskets"),
            Support(count=count),
            Limits(memory),
            target,
            length,
            hierarchy=Hierarchy(taxonomy, **levels),
        )

    return make


def as_dict(table):
    return {frozenset(row["itemset"]): row["count"] for row in table.to_pylist()}


def wide(basket):
    """Put all ancestors into a basket, by hand."""
    out = set(basket)
    while more := {PARENTS[name] for name in out if name in PARENTS} - out:
        out |= more
    return out


@shared
@given(lists, st.booleans())
def test_itemsets_hold_groups(task, notebook, baskets, same_level):
    """Compared with counting by hand."""
    one = task(baskets, 1, length=2, same_level=same_level)
    found = as_dict(one.search(one.load(notebook), notebook))
    rows = [wide(basket) for basket in baskets]
    level = {name: len(wide([name])) for name in {*PARENTS, *PARENTS.values()}}
    for pair in [{a, b} for a in level for b in level]:
        kin = any(b in wide([a]) for a in pair for b in pair if a != b)
        mixed = same_level and len({level[name] for name in pair}) > 1
        count = 0 if kin or mixed else sum(pair <= row for row in rows)
        assert found.get(frozenset(pair), 0) == count


@shared
@given(lists, st.integers(1, 4), st.integers(1, 4))
def test_every_level_has_its_own_support(task, notebook, baskets, upper, lower):
    n = len(baskets)
    upper, lower = min(upper, n), min(lower, n)
    one = task(baskets, lower, level_support=(f"1={upper / n}",))
    found = as_dict(one.search(one.load(notebook), notebook))
    expected = taxonomy_itemsets(
        baskets, Taxonomy(PARENTS), min_count={1: upper, 2: lower, 3: lower}
    )
    assert found == dict(zip(expected.sets(), expected.counts.tolist(), strict=True))


@pytest.mark.parametrize("target", ["closed", "maximal"])
def test_targets(task, notebook, target):
    one = task([["ale", "nuts"], ["stout", "nuts"], ["ale"]], target=target, same_level=True)
    found = as_dict(one.search(one.load(notebook), notebook))
    assert (
        found
        == {
            "closed": {
                frozenset(["ale"]): 2,
                frozenset(["beer"]): 3,
                frozenset(["drinks"]): 3,
                frozenset(["drinks", "food"]): 2,
                frozenset(["nuts"]): 2,
            },
            "maximal": {
                frozenset(["ale"]): 2,
                frozenset(["beer", "nuts"]): 2,
                frozenset(["drinks", "food"]): 2,
            },
        }[target]
        or target
    )


LIKE_ITS_GROUP = [["ale", "nuts"], ["stout", "nuts"]] * 10 + [["nuts"]] * 5


@pytest.mark.parametrize("levels", [(), ("1=0.9",)])
def test_rules_that_their_groups_explain_are_left_out(task, notebook, levels):
    sets = task(LIKE_ITS_GROUP, 5, level_support=levels)
    every = MineRules(sets, 0.3, interest=None)
    loaded = every.load(notebook)
    some = MineRules(sets, 0.3, interest=1.1)
    kept, short = (
        {
            (frozenset(row["antecedent"]), frozenset(row["consequent"]))
            for row in task.search(loaded, notebook).to_pylist()
        }
        for task in (every, some)
    )
    like = (frozenset({"ale"}), frozenset({"nuts"}))
    assert short < kept
    assert like in kept
    assert like not in short
    assert (
        f"{len(kept) - len(short)} of {len(kept)} rules follow from a rule on larger groups"
        in (notebook.notes[-1])
    )


def test_the_rules_left_out_are_those_of_the_model(task, notebook):
    sets = task(LIKE_ITS_GROUP, 5)
    loaded = sets.load(notebook)
    rules = MineRules(sets, 0.3)._split(loaded, sets.find(loaded, notebook))
    explained = explained_by_ancestors(rules, Taxonomy(PARENTS), 2.0)
    expected = rules.take(np.flatnonzero(~explained)).to_arrow()
    assert MineRules(sets, 0.3, interest=2.0).search(loaded, notebook).equals(expected)


def test_a_budget_is_kept(task, notebook):
    sets = task([["ale", "nuts"], ["stout", "nuts"]], 1, memory=200)
    with pytest.raises(BudgetExceeded, match="nothing was written"):
        sets.search(sets.load(notebook), notebook)


def test_problems_are_told_at_once(task, tmp_path):
    sets = task([["ale"]], level_support=("x", "1=0", "=0.5", "2=1.5", "1=0.5"))
    assert sets.problems() == [
        f"--level-support {text!r}: LEVEL=SHARE is needed, such as 1=0.05"
        for text in ("x", "1=0", "=0.5", "2=1.5")
    ]
    sets = task([["ale"]], target="maximal", level_support=("1=0.5",))
    assert sets.problems() == ["--target maximal cannot be told with --level-support; use closed"]
    missing = Hierarchy(tmp_path / "tx.csv").problems()
    assert missing == [f"--taxonomy: no file {tmp_path / 'tx.csv'}; did you mean 'tax.csv'?"]
    other = MineItemsets(
        sets.source, sets.support, sets.limits, hierarchy=sets.hierarchy, engine=MlxtendEngine()
    )
    assert other.problems() == ["--taxonomy and --engine mlxtend do not go together"]
    assert MineRules(task([["ale"]]), interest=0.5).problems() == ["--interest 0.5: at least 1"]


def test_what_does_not_fit_the_baskets(task, notebook):
    unknown = task([["ale", "wine"]], 1)
    with pytest.raises(DataError, match="1 of the 2 items in the baskets are not in the taxonomy"):
        unknown.load(notebook)
    level = task([["ale"]], 1, level_support=("4=0.5", "bear=0.5"))
    with pytest.raises(ConfigError, match="has 3 levels") as caught:
        level.load(notebook)
    assert caught.value.problems == (
        "--level-support 4: no such level; allowed: 1, 2, 3",
        "--level-support bear: no such level; allowed: 1, 2, 3",
    )


def test_options_without_a_file():
    assert hierarchy_of(None) is None
    assert hierarchy_of(Path("x"), ("1=1",), True) == Hierarchy(Path("x"), ("1=1",), True)
    with pytest.raises(ConfigError, match="--level-support and --same-level: levels need --tax"):
        hierarchy_of(None, ("1=1",), True)
