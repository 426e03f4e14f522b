"""Sources: declared files that are read as text, checked against a contract and loaded."""

from features.sources.spec import (
    ColumnSpec,
    Condition,
    CsvSource,
    ParquetSource,
    Rule,
    Source,
)

__all__ = ["ColumnSpec", "Condition", "CsvSource", "ParquetSource", "Rule", "Source"]
