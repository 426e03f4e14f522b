"""What is done to each part of the customers; everything large goes through files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import ibis
import numpy as np
import pandas as pd

from experiments.drift import bin_counts
from features.connections import connect
from features.parted import Parted
from models.recommend.history import History
from pipelines.crosssell.parts import PartScorer
from pipelines.crosssell.snapshots import Snapshot, take_part
from pipelines.lists.allocation import wishes
from pipelines.lists.exact import nanos
from pipelines.lists.make import controls
from pipelines.lists.policy import Refusals, apply_policy, market_of
from pipelines.lists.writer import write_part
from pipelines.manifest import peak_memory_mb

__all__ = ["STAGES", "Job", "Outcome", "decide", "propose", "settle"]


@dataclass(frozen=True)
class Outcome:
    """What became of a part, in figures that add up.

    Attributes
    ----------
    customers, excluded, rows, target, control, vetoed : int
        Customers of the part, those kept off; rows; listed customers of both groups; pairs that
        rejected rules forbid.
    nanos : int
        Expected profit of the target group, in thousand-millionths.
    refusals : Refusals
        What the policy kept out.
    drift : mapping of str to list of int
        Customers by bins of the training profile.
    peak_mb : float
        Memory of the process at its highest.
    """

    customers: int = 0
    excluded: int = 0
    rows: int = 0
    target: int = 0
    control: int = 0
    vetoed: int = 0
    nanos: int = 0
    refusals: Refusals = field(default_factory=Refusals)
    drift: Mapping[str, list[int]] | None = None
    peak_mb: float = 0.0

    def listed(self, chosen: pd.DataFrame, refusals: Refusals) -> Self:
        """Add the rows that were chosen."""
        groups = chosen.groupby("is_control")["customer"].nunique()
        profit = chosen.loc[~chosen["is_control"], "expected_profit"]
        return replace(
            self,
            rows=len(chosen),
            target=int(groups.get(False, 0)),
            control=int(groups.get(True, 0)),
            nanos=nanos(profit.to_numpy()),
            refusals=refusals,
        )

    def __add__(self, other: "Outcome") -> "Outcome":
        """Add up two parts; of the memory the larger counts."""
        sums: dict[str, Any] = {
            name: getattr(self, name) + getattr(other, name)
            for name in ("customers", "excluded", "rows", "target", "control", "vetoed", "nanos")
        }
        bins = _added(self.drift, other.drift)
        refusals, peak = self.refusals + other.refusals, max(self.peak_mb, other.peak_mb)
        return Outcome(**sums, refusals=refusals, drift=bins, peak_mb=peak)

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` gave."""
        values = json.loads(text)
        return cls(**{**values, "refusals": Refusals(**values["refusals"])})


def _added(
    one: Mapping[str, list[int]] | None, other: Mapping[str, list[int]] | None
) -> Mapping[str, list[int]] | None:
    if one is None or other is None:
        return one if other is None else other
    return {name: [a + b for a, b in zip(one[name], other[name], strict=True)] for name in one}


@dataclass(frozen=True)
class Job:
    """Everything that a process needs to know.

    Attributes
    ----------
    scorer : PartScorer
        What turns tables into rows.
    parted : Parted
        The parts.
    meta : mapping
        Of ``Bundle.meta``: what the indicators and the window are.
    profile : mapping
        Of the indicators the model was trained on.
    folder : Path
        Where results go.
    memory : str
        Memory of DuckDB.
    """

    scorer: PartScorer
    parted: Parted
    meta: Mapping[str, Any]
    profile: Mapping[str, Any]
    folder: Path
    memory: str

    @cached_property
    def _backend(self) -> Any:
        return ibis.duckdb.from_connection(connect(None, self.memory))

    def read(self, number: int) -> tuple[Snapshot, frozenset[str]]:
        """Read the tables of a part."""
        labels = self.scorer.facts.labels
        return take_part(self.parted, number, self._backend, self.meta, labels)

    def place(self, what: str, number: int) -> Path:
        """Name a file of a part."""
        return self.folder / f"{what}-{number:06d}"

    def tell(self, number: int, frames: Iterable[pd.DataFrame]) -> None:
        """Write the finished rows of a part."""
        write_part(frames, self.place("told", number))

    def close(self) -> None:
        """Let go of the database."""
        if "_backend" in self.__dict__:
            self._backend.disconnect()
            self.__dict__.pop("_backend")


def decide(job: Job, number: int) -> Outcome:
    """Make the rows of a part from its tables, where no limit holds for all customers together."""
    snapshot, refused = job.read(number)
    listed, vetoed = job.scorer.listed(snapshot, refused)
    job.tell(number, listed.batches())
    begun = Outcome(
        customers=len(listed.history.customers),
        excluded=listed.excluded_customers,
        vetoed=vetoed,
        drift=bin_counts(job.profile, snapshot.customers),
        peak_mb=_peak_mb(),
    )
    return begun.listed(listed.rows, listed.refusals)


def propose(job: Job, number: int) -> Outcome:
    """Write what might be offered, and what each customer's own choice would earn."""
    snapshot, refused = job.read(number)
    offers, history, vetoed = job.scorer.candidates(snapshot, refused)
    spec = job.scorer.spec
    control = controls(history, spec)
    _, market, limits = market_of(offers, spec.policy, control, history.items)
    gain, worthy = wishes(market, limits)
    np.savez(
        job.place("who", number).with_suffix(".npz"), gain=gain, worthy=worthy, control=control
    )
    offers.to_parquet(job.place("offers", number))
    if spec.policy.explore > 0:
        names = pd.DataFrame({"customer_id": history.customers.astype(object)})
        names.to_parquet(job.place("names", number))
    out = job.scorer.exclusions.with_customers(refused)
    customers = len(history.customers)
    return Outcome(
        customers=customers,
        excluded=customers - len(out.eligible(history.customers)),
        vetoed=vetoed,
        drift=bin_counts(job.profile, snapshot.customers),
        peak_mb=_peak_mb(),
    )


def settle(job: Job, number: int) -> Outcome:
    """Give names and reasons to what was chosen for all parts together."""
    snapshot, _ = job.read(number)
    history = job.scorer.history(snapshot)
    chosen, refusals = _chosen(job, number, history)
    job.tell(number, job.scorer.told(history, chosen))
    return Outcome(peak_mb=_peak_mb()).listed(chosen, refusals)


def _chosen(job: Job, number: int, history: History) -> tuple[pd.DataFrame, Refusals]:
    """Read the rows that were chosen, or choose among the customers who were."""
    ready = job.place("chosen", number)
    if ready.exists():
        return pd.read_parquet(ready), Refusals()
    spec = job.scorer.spec
    return apply_policy(
        pd.read_parquet(job.place("offers", number)),
        replace(spec.policy, experiment=spec.experiment),
        controls(history, spec),
        customers=history.customers,
        items=history.items,
        reached=np.load(job.place("reached", number).with_suffix(".npy")),
    )


def _peak_mb() -> float:
    """Give the memory of this process at its highest; what the system counts includes a parent."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_memory_mb()
    return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024


STAGES = {"decide": decide, "propose": propose, "settle": settle}
