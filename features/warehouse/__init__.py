"""The customer data warehouse: canonical tables of lines, items and customers in one file."""

from features.warehouse.report import LoadReport, SourceReport
from features.warehouse.store import Warehouse

__all__ = ["LoadReport", "SourceReport", "Warehouse"]
