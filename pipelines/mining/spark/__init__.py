"""Itemsets and sequences by Spark's MLlib."""
