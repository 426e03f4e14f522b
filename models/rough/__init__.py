"""Rough sets: approximations, dependency, core, reducts, certain and possible rules."""

from models.rough.approximations import (
    Approximation,
    approximate,
    classes,
    dependency,
    indiscernible,
    positive_region,
)
from models.rough.reducts import core, greedy_reduct, reducts
from models.rough.rules import DecisionRule, decision_rules, rules_frame

__all__ = [
    "Approximation",
    "DecisionRule",
    "approximate",
    "classes",
    "core",
    "decision_rules",
    "dependency",
    "greedy_reduct",
    "indiscernible",
    "positive_region",
    "reducts",
    "rules_frame",
]
