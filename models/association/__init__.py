"""Frequent itemsets and association rules, exact and fast, over baskets held as CSR arrays."""

from models.association.rules import mine_rules

__all__ = ["mine_rules"]
