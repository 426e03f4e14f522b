"""What was found, kept: findings with evidence, money, status and history."""

from experiments.findings.draft import KINDS, Draft, Evidence, Words
from experiments.findings.filter import Filter
from experiments.findings.finding import Event, Finding, Observation, Recorded, RunFacts
from experiments.findings.status import STATUSES
from experiments.findings.store import ChangedMeanwhile, FindingStore

__all__ = [
    "KINDS",
    "STATUSES",
    "ChangedMeanwhile",
    "Draft",
    "Event",
    "Evidence",
    "Filter",
    "Finding",
    "FindingStore",
    "Observation",
    "Recorded",
    "RunFacts",
    "Words",
]
