"""New data held against what a bundle was trained with, before anybody trusts a list of it."""

from pipelines.monitoring.checks import Check
from pipelines.monitoring.job import Monitoring, MonitorRequest
from pipelines.monitoring.summary import MonitorSummary

__all__ = ["Check", "MonitorRequest", "MonitorSummary", "Monitoring"]
