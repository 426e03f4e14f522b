"""Sources: files and databases that are read as text, checked against a contract and loaded."""

from features.sources.canonical import CANONICAL, DUCKDB_TYPES, KEYS, REQUIRED, own_name
from features.sources.everything import with_all_columns
from features.sources.money import currency_problems
from features.sources.opening import file_by_file, open_reading, source_digest
from features.sources.reading import Malformed, Reading
from features.sources.spec import (
    AccessLogSource,
    BasketsSource,
    ColumnSpec,
    Condition,
    CsvSource,
    ExcelSource,
    JsonSource,
    ParquetSource,
    Rule,
    Source,
    SourceBase,
    SqlSource,
    UtilitySource,
)
from features.sources.zones import zone_problems

__all__ = [
    "CANONICAL",
    "DUCKDB_TYPES",
    "KEYS",
    "REQUIRED",
    "AccessLogSource",
    "BasketsSource",
    "ColumnSpec",
    "Condition",
    "CsvSource",
    "ExcelSource",
    "JsonSource",
    "Malformed",
    "ParquetSource",
    "Reading",
    "Rule",
    "Source",
    "SourceBase",
    "SqlSource",
    "UtilitySource",
    "currency_problems",
    "file_by_file",
    "open_reading",
    "own_name",
    "source_digest",
    "with_all_columns",
    "zone_problems",
]
