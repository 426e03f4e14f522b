"""The information directory of a warehouse: tables, columns, meaning, sources, quality, lineage."""

from features.catalog.columns import ColumnFacts, column_facts, untagged
from features.catalog.directory import Directory, directory
from features.catalog.opening import open_read_only

__all__ = [
    "ColumnFacts",
    "Directory",
    "column_facts",
    "directory",
    "open_read_only",
    "untagged",
]
