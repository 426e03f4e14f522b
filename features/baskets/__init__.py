"""Readers of basket files: one file a format, each giving the same plain arrays."""

from features.baskets.arrays import BasketArrays
from features.baskets.events import EventRows, read_spmf_sequences, read_table_events
from features.baskets.fimi import read_fimi
from features.baskets.lists import read_lists
from features.baskets.sniff import FORMATS, Look, looks_like
from features.baskets.spmf import read_spmf
from features.baskets.table import Columns, read_table
from features.baskets.utilities import UtilityRows, read_spmf_utilities, read_table_utilities

__all__ = [
    "FORMATS",
    "BasketArrays",
    "Columns",
    "EventRows",
    "Look",
    "UtilityRows",
    "looks_like",
    "read_fimi",
    "read_lists",
    "read_spmf",
    "read_spmf_sequences",
    "read_spmf_utilities",
    "read_table",
    "read_table_events",
    "read_table_utilities",
]
