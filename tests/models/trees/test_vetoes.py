"""What a person called meaningless is not shown, and stays away when the numbers move."""

import numpy as np
import pytest

from models.trees import Excluded, Included, Interval, ReadableTree, Vetoes, pattern_of, tree_rules
from models.trees.folds import folds
from models.trees.table import Table


@pytest.mark.parametrize(
    ("condition", "pattern"),
    [
        (Interval("age", low=60), "age high"),
        (Interval("age", high=60), "age low"),
        (Interval("age", 30, 60), "age between"),
        (Interval("age", np.inf, np.inf, True), "age missing"),
        (Included("job", frozenset("ba")), "job: a, b"),
        (Excluded("job", frozenset("a")), "job not: a"),
    ],
)
def test_patterns(condition, pattern):
    assert pattern_of([condition]) == pattern


def test_the_order_of_conditions_does_not_matter():
    both = [Interval("age", low=60), Included("job", frozenset("a"))]
    assert pattern_of(both, "x") == pattern_of(both[::-1], "x") == "age high; job: a -> x"


def test_columns_alone_and_together():
    vetoes = Vetoes.of({"columns": ["sex"], "together": [["age", "income"]]})
    age, income = Interval("age", low=60), Interval("income", low=60)
    assert vetoes.allow([age])
    assert vetoes.allow([income])
    assert not vetoes.allow([age, income])
    assert not vetoes.allow([Included("sex", frozenset("f"))])


def test_an_unknown_key_is_refused():
    with pytest.raises(ValueError, match="unknown key 'column'; did you mean 'columns'"):
        Vetoes.of({"column": ["sex"]})


def test_a_suppressed_rule_stays_away_when_its_threshold_moves(customers):
    X, y = customers
    first = tree_rules(ReadableTree().fit(X, y), X, y, target="leaves")[0]
    vetoes = {"patterns": [pattern_of(first.conditions, "leaves")]}
    later = X.assign(age=X.age + 1)
    tree = ReadableTree().fit(later, y)
    again = tree_rules(tree, later, y, target="leaves")
    assert any(r.text != first.text and pattern_of(r.conditions, "leaves") in vetoes["patterns"]
               for r in again)  # fmt: skip
    kept = tree_rules(tree, later, y, target="leaves", vetoes=vetoes)
    assert [
        r for r in again if pattern_of(r.conditions, "leaves") not in vetoes["patterns"]
    ] == kept


def test_folds_do_not_depend_on_the_order_of_rows(customers):
    X, y = customers
    classes = (y == "stays").astype(np.int64)
    order = np.random.default_rng(0).permutation(len(y))
    first = folds(Table(X), frozenset({"contract"}), classes, 5, seed=1)
    second = folds(Table(X.iloc[order]), frozenset({"contract"}), classes[order], 5, seed=1)
    assert (first[order] == second).all()
    assert np.ptp(np.bincount(first[classes == 0])) <= 1
    other = folds(Table(X), frozenset({"contract"}), classes, 5, seed=2)
    assert (first != other).any()
