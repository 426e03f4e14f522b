"""Tested rules: the p-values of the library, on the baskets that were mined or on held-out ones."""

import numpy as np
import pytest

from lodeworks.errors import DataError
from models.association import (
    Baskets,
    association_rules,
    frequent_itemsets,
    redundant,
    rule_p_values,
)
from pipelines.mining.itemsets import MineItemsets
from pipelines.mining.limits import Limits
from pipelines.mining.rules import MineRules
from pipelines.mining.significance import Significance
from pipelines.mining.source import Source
from pipelines.mining.support import Support

CHANCE = np.random.default_rng(11)


def drawn():
    """Give baskets in which jam follows tea, and six items without any bond."""
    tea = CHANCE.random(200) < 0.4
    jam = np.where(tea, CHANCE.random(200) < 0.8, CHANCE.random(200) < 0.2)
    rest = CHANCE.random((200, 6)) < 0.3
    return [
        [*(["tea"] if t else []), *(["jam"] if j else []), *(f"x{k}" for k in np.flatnonzero(r))]
        for t, j, r in zip(tea, jam, rest, strict=True)
    ]


BASKETS = [basket or ["x0"] for basket in drawn()]


@pytest.fixture
def task(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("".join(",".join(basket) + "\n" for basket in BASKETS))
    sets = MineItemsets(Source(file, "baskets"), Support(count=5), Limits(10**9))

    def made(*test, **options):
        return MineRules(sets, 0.1, significance=Significance(*test), **options)

    return made


def rules_of(baskets):
    return association_rules(frequent_itemsets(baskets, min_count=5), min_confidence=0.1)


def sides(table):
    rows = table.select(["antecedent", "consequent"]).to_pylist()
    return [(frozenset(row["antecedent"]), frozenset(row["consequent"])) for row in rows]


@pytest.mark.parametrize("correction", ["holm", "bh", "none"])
def test_the_rules_that_pass_are_those_of_the_library(task, notebook, correction):
    mining = task(0.01, correction)
    table = mining.search(mining.load(notebook), notebook)
    rules = rules_of(BASKETS)
    p = rule_p_values(rules, correction)
    assert sides(table) == sides(rules.take(p <= 0.01).to_arrow())
    assert np.allclose(table["p_value"].to_numpy(), p[p <= 0.01])
    assert 0 < len(table) < len(rules)
    assert notebook.notes[-1] == (
        f"{len(table):,} of {len(rules):,} rules pass the test at 0.01 "
        f"({rules.n_searched:,} tests, correction {correction})"
    )


def test_only_the_true_bond_passes_the_strictest_test(task, notebook):
    mining = task(1e-6, "holm")
    found = sides(mining.search(mining.load(notebook), notebook))
    assert {frozenset(["tea"]), frozenset(["jam"])} <= {side for pair in found for side in pair}
    assert all("tea" in one | two and "jam" in one | two for one, two in found)


def test_held_out_baskets_are_tested_and_not_mined(task, notebook):
    mining = task(0.05, "holm", 0.25, 3)
    loaded = mining.load(notebook)
    table = mining.search(loaded, notebook)
    order = np.random.default_rng(3).permutation(len(BASKETS))
    held, mined = (Baskets.of(loaded.data).take(np.sort(part)) for part in (order[:50], order[50:]))
    rules = rules_of(mined)
    p = rule_p_values(rules, "holm", held)
    assert sides(table) == sides(rules.take(p <= 0.05).to_arrow())
    assert table["count"].to_pylist() == rules.take(p <= 0.05).to_arrow()["count"].to_pylist()
    assert "50 baskets are held out; 150 are mined" in notebook.notes
    assert f"({len(rules):,} tests, correction holm)" in notebook.notes[-1]


def test_another_seed_holds_other_baskets_out(task, notebook):
    parts = []
    for seed in (0, 1):
        mining = task(0.05, "holm", 0.25, seed)
        loaded = mining.load(notebook)
        parts.append(mining.significance.split(loaded, notebook)[0].data.indices.tolist())
    assert parts[0] != parts[1]


def test_rules_that_hardly_improve_are_left_out(task, notebook):
    mining = task(min_improvement=0.05)
    table = mining.search(mining.load(notebook), notebook)
    rules = rules_of(BASKETS)
    expected = rules.take(~redundant(rules, 0.05))
    assert sides(table) == sides(expected.to_arrow())
    assert 0 < len(table) < len(rules)


def test_nothing_is_tested_without_a_level(task, notebook):
    mining = task()
    table = mining.search(mining.load(notebook), notebook)
    assert table.equals(rules_of(BASKETS).to_arrow())
    assert mining.significance.settings() == {}


def test_a_share_that_leaves_no_basket_is_refused(task, notebook):
    mining = task(0.05, "holm", 0.001)
    with pytest.raises(DataError, match=r"--hold-out 0.001 of 200 baskets leaves none"):
        mining.search(mining.load(notebook), notebook)


def test_all_wrong_settings_are_told(task):
    assert task(2.0, "holm", 1.0, -1, min_improvement=1.0).problems() == [
        "--min-improvement 1: at least 0 and below 1",
        "--max-p 2: above 0 and up to 1",
        "--hold-out 1: a share between 0 and 1",
        "--seed -1: at least 0",
    ]
    assert task(None, "holm", 0.5).problems() == [
        "--hold-out needs --max-p, the largest p-value on the held-out baskets"
    ]
