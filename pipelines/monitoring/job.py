"""Load today's data as the bundle would, and compare every part with what it was trained on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from experiments.bundle import SEAL, Bundle, load_bundle
from experiments.registry import Registry
from features.catalog.lineage import readers
from features.sources.spec import SourceBase
from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, DataError, did_you_mean
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from pipelines.config.monitoring import Monitoring as Limits
from pipelines.crosssell.act import profile_of_offers
from pipelines.crosssell.learning import Learnable
from pipelines.crosssell.scoring import given_sources
from pipelines.crosssell.snapshots import STALE_DAYS, Snapshot, take_snapshot_for
from pipelines.lists.bundled import item_features_of, list_spec, scorer_of
from pipelines.lists.pricing import priced
from pipelines.manifest import Manifest
from pipelines.measuring.given_list import read_list
from pipelines.measuring.problems import Problems
from pipelines.monitoring.checks import (
    Check,
    calibration_checks,
    feature_checks,
    item_checks,
    offer_checks,
    volume_checks,
)
from pipelines.monitoring.summary import MonitorSummary

__all__ = ["MonitorRequest", "Monitoring"]


@dataclass(frozen=True, kw_only=True)
class MonitorRequest:
    """What was asked.

    Attributes
    ----------
    address : str
        A bundle's folder, or ``models:/NAME@ALIAS``.
    data : mapping of str to sequence of Path
        Files by the name of the bundle's source.
    as_of : date
        The day to look at.
    earlier : Path or None
        An earlier list whose days are over: what it expected is held against what was bought.
    limits : mapping of str to float
        In place of those of the bundle.
    out : Path or None
        Where the manifest is written.
    """

    address: str
    data: Mapping[str, Sequence[Path]]
    as_of: date
    earlier: Path | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    out: Path | None = None


class Monitoring:
    """One look at new data.

    Parameters
    ----------
    request : MonitorRequest
        What was asked.
    workspace : Path
        Where a registry without a server is looked for.
    progress : Progress
        Told about every step.
    """

    def __init__(self, request: MonitorRequest, workspace: Path, progress: Progress) -> None:
        self.request = request
        self.workspace = workspace
        self.progress = progress
        self.manifest = Manifest("monitor")

    def run(self) -> MonitorSummary:
        """Compare; write the manifest where one was asked for."""
        folder = self._find()
        bundle = load_bundle(folder)
        limits = _limits(bundle, self.request.limits)
        sources = given_sources(bundle, self.request.data)
        _refuse_missing(bundle, sources)
        with Warehouse.open(None) as warehouse:
            load = warehouse.load(sources, self.progress).to_dict()
            notes = self._check_dates(bundle, warehouse)
            self.progress.start("evaluate: compare")
            checks = list(self._checks(bundle, warehouse, load, limits))
            self.progress.done("evaluate: compare")
        self.manifest.add(
            address=self.request.address,
            bundle_sha256=file_digest(folder / SEAL),
            load=load,
            limits=limits.model_dump(),
        )
        summary = MonitorSummary(
            model=bundle.meta["name"],
            as_of=str(self.request.as_of),
            trained_through=str(bundle.meta["trained_through"]),
            checks=checks,
            notes=notes,
            path=self.request.out,
        )
        return self._written(summary)

    def _written(self, summary: MonitorSummary) -> MonitorSummary:
        self.manifest.add(**summary.to_dict())
        told = replace(summary, values=self.manifest.to_dict())
        if self.request.out is not None:
            self.manifest.write(self.request.out)
        return told

    def _find(self) -> Path:
        address = self.request.address
        if not address.startswith("models:"):
            return Path(address)
        return Registry.open(self.workspace).resolve(address)

    def _check_dates(self, bundle: Bundle, warehouse: Warehouse) -> list[str]:
        as_of, last = self.request.as_of, warehouse.last_day
        if (as_of - last).days > STALE_DAYS:
            raise DataError(f"--as-of {as_of} is after the data, which ends on {last}")
        if not bundle.profile.get("offers"):
            return ["the bundle has no profile of its offers: scores and offers are not compared"]
        return []

    def _checks(
        self, bundle: Bundle, warehouse: Warehouse, load: Mapping[str, Any], limits: Limits
    ) -> Iterator[Check]:
        snapshot = take_snapshot_for(bundle.meta, warehouse, self.request.as_of)
        known = scorer_of(bundle, "").recommender.items_
        history = replace(snapshot, items=item_features_of(bundle)).history(known)
        now = {"customers": len(history.customers), "lines": len(history.lines)}
        yield from volume_checks(bundle.profile, now, load, limits)
        yield from feature_checks(
            bundle.profile.get("features", {}), history.customer_features, limits
        )
        yield from item_checks(snapshot.purchases["item_id"], known, limits)
        if bundle.profile.get("offers"):
            yield from self._offers(bundle, snapshot, limits)
        if self.request.earlier is not None:
            yield from calibration_checks(self._outcomes(bundle, warehouse), limits)

    def _offers(self, bundle: Bundle, snapshot: Snapshot, limits: Limits) -> Iterator[Check]:
        then, scorer = bundle.profile["offers"], scorer_of(bundle, "")
        seen = replace(snapshot, items=item_features_of(bundle))
        at = Learnable(seen, seen.history(scorer.recommender.items_), ())
        rows = at.offers_for_list(
            scorer.recommender, list_spec(bundle).restrictions, int(then["depth"])
        )
        rows = priced(rows, at.history, scorer.calibrator, scorer.economics, scorer.baseline)
        now = profile_of_offers(rows, at.history.items)
        yield from offer_checks(then, now, rows["probability"], limits)

    def _outcomes(self, bundle: Bundle, warehouse: Warehouse) -> pd.DataFrame:
        """Mark the rows of the earlier list that were bought in the days it was made for."""
        assert self.request.earlier is not None
        problems = Problems()
        rows = read_list(self.request.earlier, problems).rows
        if problems.data:
            raise DataError(f"the list {self.request.earlier} cannot be used", problems.data)
        first, last = _days(rows, bundle)
        if warehouse.last_day < last:
            raise DataError(
                f"the list {self.request.earlier} is about {first} to {last}, but the data end on"
                f" {warehouse.last_day}: what was bought is not known yet"
            )
        lines = warehouse.lines
        day = lines.ordered_at.date()
        bought = lines.filter((day >= first) & (day <= last))[["customer_id", "item_id"]]
        pairs = pd.MultiIndex.from_frame(bought.distinct().to_pandas())
        asked = pd.MultiIndex.from_frame(rows[["customer_id", "item_id"]])
        return rows.assign(bought=asked.isin(pairs).astype(float))


def _refuse_missing(bundle: Bundle, given: Sequence[SourceBase]) -> None:
    """Refuse to take what was not given for what has changed.

    Raises
    ------
    DataError
        Names every source of the training that the bundle's indicators read and that is missing.
    """
    families = bundle.meta.get("families", ())
    names = {kind for one in families for kind in (f"indicators: {one}", f"mart: {one}")}
    read = {
        column.partition(".")[0]
        for name, columns in readers().items()
        if name in names
        for column in columns
    }
    declared = {str(one["name"]): one for one in bundle.meta.get("sources", [])}
    present = {str(source.table) for source in given}
    lacking = [
        _asked(name, declared[name].get("kind"))
        for name in sorted(declared)
        if str(declared[name]["table"]) in read - present
    ]
    if lacking:
        raise DataError("what is not given would count as moved", lacking)


def _asked(name: str, kind: str | None) -> str:
    told = f"the indicators of the model read the source {name!r}"
    if kind == "sql":
        return f"{told} from a database, which no file can take the place of"
    return f"{told}: give --data {name}=FILE"


def _days(rows: pd.DataFrame, bundle: Bundle) -> tuple[date, date]:
    as_of = pd.Timestamp(str(rows["as_of"].iloc[0])).date()
    gap, outcome = (int(bundle.meta["window"][name]) for name in ("gap", "outcome"))
    first = as_of + timedelta(days=gap + 1)
    return first, first + timedelta(days=outcome - 1)


def _limits(bundle: Bundle, changed: Mapping[str, float]) -> Limits:
    """Give the bundle's limits with the changes; say at once what is wrong with them."""
    known = Limits.model_fields
    problems = [f"{name!r}: {did_you_mean(name, known)}" for name in changed if name not in known]
    try:
        limits = Limits(**{**bundle.meta.get("monitoring", {}), **_known(changed)})
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    if problems:
        raise ConfigError("--limit cannot be used", problems)
    return limits


def _known(changed: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in changed.items() if name in Limits.model_fields}
