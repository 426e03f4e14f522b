"""The report of a run: one self-contained page for the people who decide and those who check."""

from experiments.report.data import ListSummary, ReportData
from experiments.report.page import html, render

__all__ = ["ListSummary", "ReportData", "html", "render"]
