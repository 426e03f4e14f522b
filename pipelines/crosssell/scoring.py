"""Make a list with a bundle: check what was asked, load the data, choose the rows, write."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from experiments.bundle import SEAL, Bundle, load_bundle
from experiments.drift import drift_of
from experiments.registry import Registry
from features.marts.registry import DETAIL
from features.sources.spec import Source, SourceBase, SqlSource
from features.warehouse import Warehouse
from lodeworks.errors import BudgetExceeded, ConfigError, DataError, did_you_mean
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from pipelines.crosssell.budget import Budget
from pipelines.crosssell.facts import Facts
from pipelines.crosssell.parts import PartScorer
from pipelines.crosssell.scratch import scratch
from pipelines.crosssell.snapshots import STALE_DAYS, part_warehouse
from pipelines.crosssell.stages import Job
from pipelines.crosssell.streaming import Streamed, duckdb_errors, known_of, stream
from pipelines.findings.accepted import accepted_scorer, mark_acted
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.findings.vetoes import rejected_rules, veto_note
from pipelines.lists.baseline import Baseline, read_baseline
from pipelines.lists.bundled import list_spec, scorer_of
from pipelines.lists.exact import NANO
from pipelines.lists.exclusions import Exclusions, notes_on_exclusions, read_exclusions
from pipelines.lists.fatigue import Fatigue, read_contacts, tired
from pipelines.lists.hidden import hide_excluded, hide_rows
from pipelines.lists.make import ListSpec, Scorer, list_notes
from pipelines.lists.pricing import unpriced
from pipelines.lists.stock import read_stock
from pipelines.lists.words import list_sentence, load_sentence, money_values
from pipelines.lists.writer import check_format, write_parts
from pipelines.manifest import Manifest
from pipelines.stopped import TimeUp, is_out_of_memory, stopped_by

__all__ = ["Request", "ScoreSummary", "Scoring", "given_sources", "refuse_unknown"]


@dataclass(frozen=True)
class Request:
    """What was asked; see `pipelines.score.score`."""

    address: str
    data: Mapping[str, Sequence[Path]]
    as_of: date
    out: Path
    opt_out: Path | None
    suppress: tuple[Path, ...]
    rows: int | None
    control: float | None
    seed: int | None
    stock: Path | None = None
    contacts: Path | None = None
    baseline: Path | None = None
    findings: bool = False
    budget: Budget = field(default_factory=lambda: Budget.of(None))


@dataclass(frozen=True)
class ScoreSummary:
    """What a person or a program is told after scoring.

    Attributes
    ----------
    values : dict
        The manifest.
    out, manifest : Path
        The list and its manifest.
    """

    values: dict[str, Any]
    out: Path
    manifest: Path

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {**self.values, "paths": {"list": str(self.out), "manifest": str(self.manifest)}}

    def text(self) -> str:
        """Give a few lines for the terminal."""
        return "\n".join(
            [
                load_sentence(self.values["load"]),
                list_sentence(self.values["list"], self.values["expected_profit"]),
                *self.values["notes"],
                f"list      {self.out}",
                f"manifest  {self.manifest}",
                f"done in {self.values['seconds']:.0f} s,"
                f" peak memory {self.values['peak_memory_mb']:,.0f} MB",
            ]
        )


class Scoring:
    """One call of the scorer.

    Parameters
    ----------
    request : Request
        What was asked.
    workspace : Path
        Where a registry without a server is looked for.
    progress : Progress
        Told about every step.
    """

    def __init__(self, request: Request, workspace: Path, progress: Progress) -> None:
        self.request = request
        self.workspace = workspace
        self.progress = progress
        self.manifest = Manifest("score")
        self.sources: list[SourceBase] = []

    def run(self) -> ScoreSummary:
        """Do it; nothing is written before everything is known to be right.

        Raises
        ------
        BudgetExceeded
            When the memory does not suffice; what is known by then stands in ``OUT.partial.json``.
        """
        out = self.request.out
        partial = out.with_name(f"{out.name}.partial.json")
        try:
            summary = self._run(out)
        except BaseException as error:
            if _is_budget(error):
                self._note_stop(partial, error)
            raise
        partial.unlink(missing_ok=True)
        return summary

    def _run(self, out: Path) -> ScoreSummary:
        check_format(out)
        with self._timed("bundle"):
            folder, version = self._find()
            bundle = load_bundle(folder)
            sources = self.sources = given_sources(bundle, self.request.data)
            exclusions = self._exclusions(bundle, sources)
            self._fill(bundle, folder, version)
        beside = out.with_name(f"{out.name}.manifest.json")
        with scratch(out) as place:
            streamed = self._stream(bundle, version, sources, exclusions, place)
            with self._timed("write"):
                write_parts(streamed.told, out)
            if self.request.findings:
                self.manifest.add(**mark_acted(self.workspace, out))
            self.manifest.add(list_sha256=file_digest(out))
            self.manifest.write(beside)
        return ScoreSummary(self.manifest.to_dict(), out, beside)

    def _note_stop(self, path: Path, error: BaseException) -> None:
        """Leave what is known of a list that was not made."""
        over = isinstance(stopped_by(error), TimeUp)
        reason = "the time limit is over" if over else str(error) or "out of memory"
        self.manifest.add(status="stopped", reason=reason, outputs={})
        self.manifest.write(path)

    def _find(self) -> tuple[Path, str]:
        """Give the bundle's folder and the version that the rows will name."""
        address = self.request.address
        if not address.startswith("models:"):
            seal = Path(address) / SEAL
            return Path(address), file_digest(seal)[:12] if seal.is_file() else ""
        registry = Registry.open(self.workspace)
        return registry.resolve(address), registry.version_of(address).version

    def _exclusions(self, bundle: Bundle, sources: Sequence[SourceBase]) -> Exclusions:
        """Read the exclusions; refuse to go on without those that the training had.

        Raises
        ------
        DataError
            When a list might name somebody who opted out.
        """
        request, needed = self.request, bundle.meta.get("exclusions", {})
        telling = {
            source["name"]
            for source in bundle.meta.get("sources", [])
            if "opt_out" in source["columns"]
        }
        silent = telling - {source.name for source in sources}
        problems = _lacking(request, needed)
        problems += [
            f"the source {name!r} says who opted out: give --data {name}=FILE, or --opt-out"
            for name in sorted(silent)
            if request.opt_out is None
        ]
        if needed.get("opt_out") and request.opt_out is None:
            problems.append("the model's list had a file of opt-outs: give --opt-out FILE")
        if needed.get("suppress", 0) > len(request.suppress):
            problems.append(
                f"the model's list had {needed['suppress']} files of what is suppressed:"
                " give --suppress FILE for each"
            )
        if problems:
            raise DataError("a list made now might name what must not be on it", problems)
        return hide_excluded(read_exclusions(request.opt_out, request.suppress), sources)

    def _stream(
        self,
        bundle: Bundle,
        version: str,
        sources: Sequence[SourceBase],
        exclusions: Exclusions,
        place: Path,
    ) -> Streamed:
        """Load the data into a file, part the customers, and make the rows part by part."""
        budget = self.request.budget
        scorer, spec, vetoes, notes = self._terms(bundle, version)
        items, days = scorer.recommender.items_, bundle.meta["window"]["outcome"]
        limits = {"memory_limit": budget.loading, **bundle.meta.get("warehouse", {})}
        with Warehouse.open(place / "warehouse.duckdb", **limits) as warehouse:
            notes = self._loaded(bundle, warehouse, sources, exclusions, notes)
            with self._timed("part"), duckdb_errors():
                self.progress.start("part")
                cut, parted = part_warehouse(
                    warehouse, bundle.meta, self.request.as_of, place, budget.weight(spec.depth)
                )
                refuse_unknown(spec, [*cut.customers.columns, *bundle.meta["customer_features"]])
                facts = Facts.of(cut, items, days)
                self.progress.done("part", f"{len(parted.sizes):,} parts")
        (place / "warehouse.duckdb").unlink()
        exclusions = exclusions.with_customers(self._tired(bundle))
        part = PartScorer.of(bundle, scorer, spec, exclusions, facts, tuple(vetoes))
        job = Job(part, parted, _slim(bundle.meta), _features(bundle), place, budget.querying)
        with self._timed("score"), duckdb_errors():
            streamed = stream(job, budget, self.progress)
        self._report(bundle, part, streamed, notes)
        return streamed

    def _loaded(
        self,
        bundle: Bundle,
        warehouse: Warehouse,
        sources: Sequence[SourceBase],
        exclusions: Exclusions,
        notes: Sequence[str],
    ) -> list[str]:
        """Load the data; put what is to be said of them around `notes`."""
        with self._timed("load"):
            self.manifest.add(load=warehouse.load(sources, self.progress).to_dict())
        dated = self._notes_on_dates(bundle, warehouse)
        excluding = notes_on_exclusions(exclusions, *known_of(warehouse, exclusions))
        return [*dated, *notes, *excluding]

    def _terms(
        self, bundle: Bundle, version: str
    ) -> tuple[Scorer, ListSpec, list[PurchaseRule], list[str]]:
        """Give what makes the rows: the model, or the accepted rules in its place."""
        scorer, spec = self._scorer(bundle, version), self._spec(bundle)
        if not self.request.findings:
            return scorer, spec, [], []
        vetoes = rejected_rules(self.workspace, bundle.meta["name"])
        scorer, said = accepted_scorer(scorer, self.workspace, bundle.meta["name"])
        return scorer, spec, vetoes, said

    def _tired(self, bundle: Bundle) -> frozenset[str]:
        """Read whom earlier contacts reached often enough; by the bundle's terms where it has."""
        if self.request.contacts is None:
            return frozenset()
        fatigue = Fatigue(**(bundle.meta.get("fatigue") or {}))
        contacts = read_contacts(self.request.contacts, fatigue.column)
        return tired(hide_rows(contacts, self.sources), fatigue, self.request.as_of)

    def _scorer(self, bundle: Bundle, version: str) -> Scorer:
        kind, days = bundle.meta.get("baseline", "none"), bundle.meta["window"]["outcome"]
        if self.request.baseline is None:
            return replace(scorer_of(bundle, version), baseline=Baseline(kind, days))
        stated = hide_rows(read_baseline(self.request.baseline), self.sources)
        return replace(scorer_of(bundle, version), baseline=Baseline("file", days, stated))

    def _spec(self, bundle: Bundle) -> ListSpec:
        """Give the terms of the bundle's list, changed by what was asked."""
        request, spec = self.request, list_spec(bundle)
        if request.rows is not None:
            spec = replace(spec, policy=replace(spec.policy, rows=request.rows))
        if request.stock is not None:
            quotas = {**spec.policy.quotas, **read_stock(request.stock)}
            spec = replace(spec, policy=replace(spec.policy, quotas=quotas))
        if request.control is not None:
            spec = replace(spec, control=request.control)
        if request.seed is not None:
            name = spec.experiment.rpartition("-")[0]
            spec = replace(spec, experiment=f"{name}-{request.seed}")
        return spec

    def _notes_on_dates(self, bundle: Bundle, warehouse: Warehouse) -> list[str]:
        as_of, trained = self.request.as_of, str(bundle.meta["trained_through"])
        stale = (as_of - warehouse.last_day).days
        if stale > STALE_DAYS:
            raise DataError(
                f"--as-of {as_of} is after the data, which ends on {warehouse.last_day}: a list"
                f" would not know what happened in between ({STALE_DAYS} days without a sale are"
                " allowed)"
            )
        notes = [f"the data ends {stale} days before {as_of}"] if stale > 0 else []
        if str(as_of) < trained:
            notes.append(
                f"the model was trained through {trained} and knows what came after {as_of}:"
                " do not judge it by this list"
            )
        return notes

    def _fill(self, bundle: Bundle, folder: Path, version: str) -> None:
        """Note what is known before anything is read."""
        self.manifest.add(
            address=self.request.address,
            bundle=str(folder),
            bundle_sha256=file_digest(folder / SEAL),
            model=bundle.meta["name"],
            model_version=version,
            recipe=bundle.meta["recipe"],
            trained_through=bundle.meta["trained_through"],
            as_of=str(self.request.as_of),
            seed=self.request.seed if self.request.seed is not None else bundle.meta["seed"],
            economics={**bundle.meta["economics"], "currency": bundle.meta["currency"]},
            window=self._window(bundle),
        )

    def _report(
        self, bundle: Bundle, part: PartScorer, streamed: Streamed, notes: list[str]
    ) -> None:
        """Note what became of the list."""
        total, scorer = streamed.total, part.scorer
        profit = scorer.spread.around(total.nanos / NANO, total.target)
        columns = bundle.meta["customer_features"]
        items = scorer.recommender.items_
        if part.vetoes and total.vetoed:
            notes = [*notes, veto_note(part.vetoes, total.vetoed)]
        notes = [*notes, *part.facts.notes(items)]
        unknown = unpriced(part.item_features.reindex(items), scorer.economics)
        notes += list_notes(total.rows, total.refusals, unknown, len(items))
        self.manifest.add(
            list=streamed.counts(),
            terms=asdict(part.spec),
            drift=drift_of(_features(bundle), total.drift or {}, columns),
            expected_profit=money_values(profit, bundle.meta["currency"], scorer.baseline.kind),
            notes=notes,
            partition={
                "parts": streamed.parts,
                "workers": self.request.budget.workers,
                "memory": self.request.budget.memory,
                "part_peak_mb": total.peak_mb,
            },
        )

    def _window(self, bundle: Bundle) -> dict[str, Any]:
        gap, outcome = (bundle.meta["window"][name] for name in ("gap", "outcome"))
        first = self.request.as_of + timedelta(days=gap + 1)
        last = first + timedelta(days=outcome - 1)
        return {"gap": gap, "outcome": outcome, "from": str(first), "to": str(last)}

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.manifest.timings[part] = round(time.monotonic() - began, 3)


def given_sources(bundle: Bundle, data: Mapping[str, Sequence[Path]]) -> list[SourceBase]:
    """Read the files with the mappings that the model was trained with.

    Raises
    ------
    ConfigError
        When a name is not known, or no file of purchases is given.
    """
    adapter: TypeAdapter[SourceBase] = TypeAdapter(Source)
    declared = [adapter.validate_python(spec) for spec in bundle.meta.get("sources", [])]
    known = {source.name: source for source in declared}
    by_table = {str(source.table): source for source in reversed(declared)}
    unknown = [name for name in data if name not in known and name not in by_table]
    if unknown:
        hints = [f"{name!r}: {did_you_mean(name, [*known, *by_table])}" for name in unknown]
        raise ConfigError("--data names sources that the bundle does not know", hints)
    given = []
    for name, files in data.items():
        source = known.get(name) or by_table[name]
        _refuse_database(source)
        given += [_at(source, path, number) for number, path in enumerate(files)]
    if not any(source.table == "lines" for source in given):
        raise ConfigError("--data gives no file of purchases (the table 'lines')")
    _refuse_missing_detail(bundle.meta.get("families", ()), declared, given)
    return given


def _refuse_missing_detail(
    families: Sequence[str], declared: Sequence[SourceBase], given: Sequence[SourceBase]
) -> None:
    """Refuse to take the marts that the model was trained with for empty."""
    needed = {table for family in families for table in DETAIL.get(family, ())}
    lacking = needed & {source.table for source in declared} - {source.table for source in given}
    if lacking:
        raise DataError(
            "the indicators of the model need tables that are not given",
            [f"{table}: give --data {table}=FILE" for table in sorted(lacking)],
        )


def _refuse_database(source: SourceBase) -> None:
    """Refuse a file in place of a database, whose address and query a file cannot stand for."""
    if isinstance(source, SqlSource):
        raise ConfigError(
            f"--data {source.name}: the model reads {source.name!r} from a database"
            f" ({source.path}), and a file cannot take its place; train with a csv or parquet"
            " source to score from files"
        )


def _at(source: SourceBase, path: Path, number: int) -> SourceBase:
    name = source.name if number == 0 else f"{source.name}-{number + 1}"
    return source.model_copy(update={"path": str(path), "name": name})


def _lacking(request: Request, needed: Mapping[str, Any]) -> list[str]:
    """Name the files that bounded the model's own list and were not given."""
    given = {
        "stock": (request.stock, "how much there is of single items: give --stock FILE"),
        "contacts": (request.contacts, "of earlier contacts: give --contacts FILE"),
        "baseline": (request.baseline, "of what is bought anyway: give --baseline FILE"),
    }
    return [
        f"the model's list had a file {told}"
        for name, (path, told) in given.items()
        if needed.get(name) and path is None
    ]


def refuse_unknown(spec: ListSpec, columns: Sequence[str]) -> None:
    """Refuse to judge who may be offered what by columns that the data at hand lack.

    Parameters
    ----------
    spec : ListSpec
        Says who is eligible.
    columns : sequence of str
        What the data know of customers.

    Raises
    ------
    DataError
        Names the columns.
    """
    known = {*columns} - {"customer_id", "opt_out"}
    if "birth_year" in known:
        known.add("age")
    lacking = sorted({rule.column for rule in spec.restrictions.eligible} - known)
    if lacking:
        raise DataError(
            "a list made now might offer what must not be offered: who is eligible is told by"
            f" {', '.join(lacking)}, which the data lack; give --data customers=FILE"
        )


def _slim(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a part needs of a bundle's meta."""
    return {name: meta[name] for name in ("families", "customer_features", "window")}


def _features(bundle: Bundle) -> Mapping[str, Any]:
    profile: Mapping[str, Any] = bundle.profile.get("features", {})
    return profile


def _is_budget(error: BaseException) -> bool:
    """Whether memory or time ran out."""
    out = isinstance(error, BudgetExceeded) or is_out_of_memory(error)
    return out or stopped_by(error) is not None
