"""Frequent itemsets and association rules, exact and fast, over baskets held as CSR arrays."""

from models.association.apply import count_itemsets, count_rules, offers
from models.association.baskets import Baskets
from models.association.budget import Budget, Estimate
from models.association.constraints import ItemConstraints
from models.association.discretise import Discretiser, classification_rules, mdl_cuts
from models.association.emerging import Calendar, PeriodRules, emerging_itemsets, period_rules
from models.association.itemsets import (
    Itemsets,
    estimate_itemsets,
    frequent_itemsets,
    top_itemsets,
)
from models.association.measures import MEASURES, RuleCounts, measure
from models.association.pruning import derivable, improvement, productive_p, redundant
from models.association.rare import minimum_counts, rare_itemsets, rules_with_parts, with_parts
from models.association.rules import Rules, association_rules, mine_rules, rules_of_baskets
from models.association.significance import (
    benjamini_hochberg,
    confidence_interval,
    holm,
    lift_interval,
    rule_p_values,
)
from models.association.taxonomy import Taxonomy, explained_by_ancestors, taxonomy_itemsets
from models.association.utility import (
    UtilityBaskets,
    UtilityItemsets,
    expected_profit,
    high_utility_itemsets,
)

__all__ = [
    "MEASURES",
    "Baskets",
    "Budget",
    "Calendar",
    "Discretiser",
    "Estimate",
    "ItemConstraints",
    "Itemsets",
    "PeriodRules",
    "RuleCounts",
    "Rules",
    "Taxonomy",
    "UtilityBaskets",
    "UtilityItemsets",
    "association_rules",
    "benjamini_hochberg",
    "classification_rules",
    "confidence_interval",
    "count_itemsets",
    "count_rules",
    "derivable",
    "emerging_itemsets",
    "estimate_itemsets",
    "expected_profit",
    "explained_by_ancestors",
    "frequent_itemsets",
    "high_utility_itemsets",
    "holm",
    "improvement",
    "lift_interval",
    "mdl_cuts",
    "measure",
    "mine_rules",
    "minimum_counts",
    "offers",
    "period_rules",
    "productive_p",
    "rare_itemsets",
    "redundant",
    "rule_p_values",
    "rules_of_baskets",
    "rules_with_parts",
    "taxonomy_itemsets",
    "top_itemsets",
    "with_parts",
]
