"""Readers of basket files: one file a format, each giving the same plain arrays."""

from features.baskets.arrays import BasketArrays
from features.baskets.chunks import BasketChunks, fimi_chunks, list_chunks
from features.baskets.events import EventRows, read_spmf_sequences, read_table_events
from features.baskets.fimi import read_fimi
from features.baskets.lists import read_lists
from features.baskets.sniff import FORMATS, Look, looks_like
from features.baskets.sorted_table import SortedBaskets, database_chunks, table_chunks
from features.baskets.spmf import read_spmf
from features.baskets.table import Columns, read_table
from features.baskets.utilities import UtilityRows, read_spmf_utilities, read_table_utilities

__all__ = [
    "FORMATS",
    "BasketArrays",
    "BasketChunks",
    "Columns",
    "EventRows",
    "Look",
    "SortedBaskets",
    "UtilityRows",
    "database_chunks",
    "fimi_chunks",
    "list_chunks",
    "looks_like",
    "read_fimi",
    "read_lists",
    "read_spmf",
    "read_spmf_sequences",
    "read_spmf_utilities",
    "read_table",
    "read_table_events",
    "read_table_utilities",
    "table_chunks",
]
