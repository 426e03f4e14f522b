"""Decision trees that a person can read, grow, prune and override, and the rules in them."""

from models.trees.chaid import bonferroni, merge
from models.trees.conditions import (
    Condition,
    Excluded,
    Included,
    Interval,
    condition_from_dict,
    holds,
    joined,
    words,
)
from models.trees.costs import cost_table, mean_cost
from models.trees.criteria import chi_square, entropy, gini
from models.trees.effect import override_effect
from models.trees.nodes import Node, Split
from models.trees.overrides import read_overrides
from models.trees.rules import TreeRule, rules_frame, tree_rules
from models.trees.tree import ReadableTree
from models.trees.vetoes import Vetoes, pattern_of

__all__ = [
    "Condition",
    "Excluded",
    "Included",
    "Interval",
    "Node",
    "ReadableTree",
    "Split",
    "TreeRule",
    "Vetoes",
    "bonferroni",
    "chi_square",
    "condition_from_dict",
    "cost_table",
    "entropy",
    "gini",
    "holds",
    "joined",
    "mean_cost",
    "merge",
    "override_effect",
    "pattern_of",
    "read_overrides",
    "rules_frame",
    "tree_rules",
    "words",
]
