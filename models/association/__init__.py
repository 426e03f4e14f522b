"""Frequent itemsets and association rules, exact and fast, over baskets held as CSR arrays.

A module is loaded when one of its names is first asked for: mining itemsets needs neither frames
nor statistics, which take more memory and time to load than most searches take.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.association.apply import count_itemsets, count_rules, offers
    from models.association.baskets import Baskets
    from models.association.budget import Budget, Estimate
    from models.association.constraints import ItemConstraints
    from models.association.discretise import Discretiser, classification_rules, mdl_cuts
    from models.association.emerging import Calendar, PeriodRules, emerging_itemsets, period_rules
    from models.association.incremental import IncrementalItemsets
    from models.association.itemsets import (
        Itemsets,
        estimate_itemsets,
        frequent_itemsets,
        top_itemsets,
    )
    from models.association.measures import MEASURES, RuleCounts, measure
    from models.association.partitioned import ItemCounts, count_chunks, partitioned_itemsets
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
    from models.association.templates import Some, Template, template_itemsets, template_rules
    from models.association.top import (
        TOP_ITEMSET_MEASURES,
        TOP_RULE_MEASURES,
        top_itemsets_by,
        top_rules,
    )
    from models.association.utility import (
        UtilityBaskets,
        UtilityItemsets,
        estimate_utility,
        expected_profit,
        high_utility_itemsets,
    )

__all__ = [
    "MEASURES",
    "TOP_ITEMSET_MEASURES",
    "TOP_RULE_MEASURES",
    "Baskets",
    "Budget",
    "Calendar",
    "Discretiser",
    "Estimate",
    "IncrementalItemsets",
    "ItemConstraints",
    "ItemCounts",
    "Itemsets",
    "PeriodRules",
    "RuleCounts",
    "Rules",
    "Some",
    "Taxonomy",
    "Template",
    "UtilityBaskets",
    "UtilityItemsets",
    "association_rules",
    "benjamini_hochberg",
    "classification_rules",
    "confidence_interval",
    "count_chunks",
    "count_itemsets",
    "count_rules",
    "derivable",
    "emerging_itemsets",
    "estimate_itemsets",
    "estimate_utility",
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
    "partitioned_itemsets",
    "period_rules",
    "productive_p",
    "rare_itemsets",
    "redundant",
    "rule_p_values",
    "rules_of_baskets",
    "rules_with_parts",
    "taxonomy_itemsets",
    "template_itemsets",
    "template_rules",
    "top_itemsets",
    "top_itemsets_by",
    "top_rules",
    "with_parts",
]

_NAMES_OF = {
    "apply": (
        "count_itemsets",
        "count_rules",
        "offers",
    ),
    "baskets": ("Baskets",),
    "budget": (
        "Budget",
        "Estimate",
    ),
    "constraints": ("ItemConstraints",),
    "discretise": (
        "Discretiser",
        "classification_rules",
        "mdl_cuts",
    ),
    "emerging": (
        "Calendar",
        "PeriodRules",
        "emerging_itemsets",
        "period_rules",
    ),
    "incremental": ("IncrementalItemsets",),
    "itemsets": (
        "Itemsets",
        "estimate_itemsets",
        "frequent_itemsets",
        "top_itemsets",
    ),
    "measures": (
        "MEASURES",
        "RuleCounts",
        "measure",
    ),
    "partitioned": (
        "ItemCounts",
        "count_chunks",
        "partitioned_itemsets",
    ),
    "pruning": (
        "derivable",
        "improvement",
        "productive_p",
        "redundant",
    ),
    "rare": (
        "minimum_counts",
        "rare_itemsets",
        "rules_with_parts",
        "with_parts",
    ),
    "rules": (
        "Rules",
        "association_rules",
        "mine_rules",
        "rules_of_baskets",
    ),
    "significance": (
        "benjamini_hochberg",
        "confidence_interval",
        "holm",
        "lift_interval",
        "rule_p_values",
    ),
    "taxonomy": (
        "Taxonomy",
        "explained_by_ancestors",
        "taxonomy_itemsets",
    ),
    "templates": (
        "Some",
        "Template",
        "template_itemsets",
        "template_rules",
    ),
    "top": (
        "TOP_ITEMSET_MEASURES",
        "TOP_RULE_MEASURES",
        "top_itemsets_by",
        "top_rules",
    ),
    "utility": (
        "UtilityBaskets",
        "UtilityItemsets",
        "estimate_utility",
        "expected_profit",
        "high_utility_itemsets",
    ),
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
