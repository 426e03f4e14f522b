"""What `lode measure` was asked."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

__all__ = ["ExperimentRequest", "MeasureRequest"]


@dataclass(frozen=True, kw_only=True)
class MeasureRequest:
    """A list and what happened after it; see `pipelines.measure.measure`."""

    path: Path
    outcomes: Path
    contacts: Path | None = None
    past: Path | None = None
    window: int | None = None
    through: date | None = None
    so_far: bool = False
    accept_mismatch: bool = False
    accept_edited: bool = False
    level: float = 0.95
    out: Path | None = None

    @property
    def folder(self) -> Path:
        """Where everything is written."""
        return self.out or self.path.with_name(f"{self.path.stem}.measured")


@dataclass(frozen=True, kw_only=True)
class ExperimentRequest:
    """Any randomised experiment in one table; see `pipelines.measure.measure_experiment`."""

    path: Path
    treatment: str
    control: str
    outcomes: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    level: float = 0.95
    out: Path | None = None
