"""What was planted, gathered block by block and written beside the data."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from features.generate.campaigns import Campaigns, Contacts
from features.generate.catalogue import Catalogue
from features.generate.customers import Customers
from features.generate.dirt import KINDS, Dirt
from features.generate.orders import BUNDLE, SEQUENCE, Lines
from features.generate.parameters import Parameters
from features.generate.patterns import Patterns
from features.generate.seasons import Calendar
from features.generate.segments import SEGMENTS
from features.generate.shelves import SHELVES

__all__ = ["Truth"]


@dataclass
class Truth:
    """Running totals of what is in the files.

    Attributes
    ----------
    patterns : Patterns
        What is planted.
    campaigns : Campaigns
        The campaigns of the period.
    counts, dirty : dict of str to int
        Rows of every table, and dirty rows of every kind.
    """

    patterns: Patterns
    campaigns: Campaigns
    counts: dict[str, int] = field(init=False)
    dirty: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Begin at nothing."""
        self.counts = dict.fromkeys(("lines", "orders", "items", "customers", "contacts"), 0)
        self.dirty = dict.fromkeys(KINDS, 0)
        self._bundles = np.zeros(len(self.patterns.bundles), dtype=np.int64)
        self._sequences = np.zeros(len(self.patterns.sequences), dtype=np.int64)
        self._campaigns = np.zeros((self.campaigns.size, 6))
        self._segments = np.zeros(len(SEGMENTS), dtype=np.int64)

    def add(
        self, customers: Customers, lines: Lines, dirt: Dirt, contacts: Contacts, rows: int
    ) -> None:
        """Add what one block wrote."""
        self.counts["lines"] += rows
        self.counts["orders"] += np.unique(lines.order).size
        self.counts["customers"] += customers.size
        self.counts["contacts"] += contacts.campaign.size
        for kind, count in dirt.counts().items():
            self.dirty[kind] += count
        self._bundles += _planted(lines, BUNDLE, self._bundles.size)
        self._sequences += _planted(lines, SEQUENCE, self._sequences.size)
        self._campaigns += contacts.tally(self.campaigns.size)
        self._segments += np.bincount(customers.segment, minlength=len(SEGMENTS))

    def write(
        self, path: Path, parameters: Parameters, catalogue: Catalogue, calendar: Calendar
    ) -> None:
        """Write everything as JSON."""
        content: dict[str, Any] = {
            "parameters": {
                "lines": parameters.lines,
                "seed": parameters.seed,
                "start": str(parameters.start),
                "end": str(parameters.end),
                "dirty": parameters.dirty,
            },
            "counts": {
                **self.counts,
                "clean_lines": self.counts["lines"] - sum(self.dirty.values()),
            },
            "dirty": self.dirty,
            "segments": self._segment_truth(),
            "seasons": [
                {"category": s.category, "peak_month": s.peak, "strength": s.strength}
                for s in SHELVES
                if s.peak
            ],
            "bundles": self.patterns.bundle_truth(catalogue, self._bundles),
            "sequences": self.patterns.sequence_truth(catalogue, self._sequences),
            "campaigns": self.campaigns.truth(calendar, catalogue, self.patterns, self._campaigns),
        }
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def _segment_truth(self) -> list[dict[str, Any]]:
        return [
            {"name": s.name, "customers": int(n), "rate": s.rate, "tastes": s.tastes}
            for s, n in zip(SEGMENTS, self._segments, strict=True)
        ]


def _planted(lines: Lines, kind: int, size: int) -> np.ndarray:
    return np.bincount(lines.pattern[lines.kind == kind], minlength=size)
