"""Make a list with a bundle in Spark: loaded and checked here, scored where there is room."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from experiments.bundle import Bundle, load_bundle
from features.cut import Cut
from features.privacy.consent import refused
from features.sources.spec import SourceBase
from features.warehouse import Warehouse
from features.windows import Window
from lodeworks.errors import ConfigError, DataError, did_you_mean
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from pipelines.crosssell.facts import Facts
from pipelines.crosssell.parts import PartScorer
from pipelines.crosssell.scoring import (
    Request,
    ScoreSummary,
    Scoring,
    given_sources,
    refuse_unknown,
)
from pipelines.crosssell.scratch import scratch
from pipelines.crosssell.snapshots import window_of
from pipelines.crosssell.stages import Outcome
from pipelines.crosssell.streaming import Streamed, duckdb_errors
from pipelines.lists.exact import nanos
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.policy import Refusals
from pipelines.manifest import peak_memory_mb
from pipelines.mining.search import DEFAULT_MASTER
from pipelines.spark.rows import write_rows
from pipelines.spark.session import require_spark
from pipelines.spark.tables import tables_in_spark

if TYPE_CHECKING:
    from pipelines.config.sections import Engine

__all__ = ["SparkScoring", "asked_of_spark"]

NOTHING = Refusals(0, 0, 0, 0.0)
NO_DRIFT = "Spark compares no indicators with the training data: lode monitor does"


class SparkScoring(Scoring):
    """One call of the scorer whose rows are made by Spark.

    The data are loaded, checked and counted as ever; then Spark computes the indicators and makes
    the rows, which are those that one machine gives. The list is a folder of Parquet files.

    Parameters
    ----------
    request : Request
        What was asked.
    workspace : Path
        Where a registry without a server is looked for.
    progress : Progress
        Told about every step.
    engine : Engine
        Where Spark runs.
    """

    def __init__(
        self, request: Request, workspace: Path, progress: Progress, engine: "Engine"
    ) -> None:
        super().__init__(request, workspace, progress)
        self.engine = engine

    def _run(self, out: Path) -> ScoreSummary:
        self._refuse(out)
        require_spark()
        with self._timed("bundle"):
            folder, version = self._find()
            bundle = load_bundle(folder)
            sources = self.sources = given_sources(bundle, self.request.data)
            exclusions = self._exclusions(bundle, sources)
            self._fill(bundle, folder, version)
            self._folder = folder
        beside = out.with_name(f"{out.name}.manifest.json")
        with scratch(out) as place:
            streamed = self._stream(bundle, version, sources, exclusions, place)
            self.manifest.about.pop("partition", None)  # how one machine would have parted it
            self.manifest.add(
                engine={"kind": "spark", "master": self.engine.master},
                files={path.name: file_digest(path) for path in streamed.told},
            )
            self.manifest.write(beside)
        return ScoreSummary(self.manifest.to_dict(), out, beside)

    def _refuse(self, out: Path) -> None:
        """Refuse what only one machine does."""
        problems = []
        if out.suffix != ".parquet":
            problems.append(
                f"--out {out}: Spark writes a folder of Parquet; let it end in .parquet"
            )
        if out.is_file():
            problems.append(f"--out {out} is a file, and Spark writes a folder; give another name")
        if self.request.findings:
            problems.append("--findings: accepted rules are offered by --engine duckdb only")
        if problems:
            raise ConfigError("--engine spark makes no such list", problems)

    def _stream(
        self,
        bundle: Bundle,
        version: str,
        sources: Sequence[SourceBase],
        exclusions: Exclusions,
        place: Path,
    ) -> Streamed:
        scorer, spec, vetoes, notes = self._terms(bundle, version)
        items, days = scorer.recommender.items_, bundle.meta["window"]["outcome"]
        window = window_of(bundle.meta, self.request.as_of)
        limits = {"memory_limit": self.request.budget.loading, **bundle.meta.get("warehouse", {})}
        with Warehouse.open(place / "warehouse.duckdb", **limits) as warehouse:
            notes = self._loaded(bundle, warehouse, sources, exclusions, [*notes, NO_DRIFT])
            with self._timed("count"), duckdb_errors():
                cut = Cut.of(warehouse, window)
                refuse_unknown(spec, [*cut.customers.columns, *bundle.meta["customer_features"]])
                facts = Facts.of(cut, items, days)
                _refuse_nobody(facts, window, warehouse)
            exclusions = exclusions.with_customers(self._tired(bundle))
            excluded = _excluded(cut, warehouse, exclusions)
            part = PartScorer.of(bundle, scorer, spec, exclusions, facts, tuple(vetoes))
            with self._timed("score"):
                refusals = self._score(part, bundle, warehouse, window, place)
        streamed = _streamed(self.request.out, facts.customers, excluded, refusals)
        self._report(bundle, part, streamed, notes)
        return streamed

    def _score(
        self,
        part: PartScorer,
        bundle: Bundle,
        warehouse: Warehouse,
        window: Window,
        place: Path,
    ) -> Refusals:
        engine = self.engine
        with tables_in_spark(
            warehouse, engine.master, place, self.progress, engine.settings
        ) as tables:
            self.progress.start("score in Spark")
            refusals = write_rows(
                tables,
                part,
                window,
                self.request.out,
                bundle=self._folder,
                families=list(bundle.meta["families"]),
                columns=list(bundle.meta["customer_features"]),
            )
            self.progress.done("score in Spark")
        return refusals or NOTHING


def asked_of_spark(
    request: Request, workspace: Path, progress: Progress, engine: str, master: str | None
) -> SparkScoring:
    """Give the call that an engine and a master stand for.

    Raises
    ------
    ConfigError
        When the engine is another one.
    """
    from pipelines.config.sections import Engine

    if engine != "spark":
        known = ("duckdb", "spark")
        if engine in known:
            raise ConfigError(f"--spark-master {master} goes with --engine spark")
        raise ConfigError(f"no engine is called {engine!r}; {did_you_mean(engine, known)}")
    stated = Engine(kind="spark", master=master or DEFAULT_MASTER)
    return SparkScoring(request, workspace, progress, stated)


def _refuse_nobody(facts: Facts, window: Window, warehouse: Warehouse) -> None:
    if facts.customers == 0:
        raise DataError(
            f"nobody bought anything from {window.seen_from.date()} to {window.as_of}; "
            f"the data spans {warehouse.first_day} to {warehouse.last_day}"
        )


def _excluded(cut: Cut, warehouse: Warehouse, exclusions: Exclusions) -> int:
    """Count the buyers who are kept off the list."""
    buyers = cut.lines.select("customer_id").distinct()
    out = refused(warehouse.customers)
    if exclusions.customers:
        named = ibis.memtable({"customer_id": sorted(exclusions.customers)})
        out = out.union(named).distinct()
    return int(buyers.semi_join(out, "customer_id").count().to_pandas())


def _streamed(out: Path, customers: int, excluded: int, refusals: Refusals) -> Streamed:
    """Count what was written; tasks that Spark did twice count once."""
    import pyarrow.parquet as pq

    files = tuple(sorted(out.glob("*.parquet")))
    rows = target = control = money = 0
    for path in files:
        for batch in pq.ParquetFile(path).iter_batches(
            columns=["rank", "group", "expected_profit"]
        ):
            frame = batch.to_pandas()
            first, is_target = frame["rank"] == 1, frame["group"] == "target"
            rows += len(frame)
            target += int((first & is_target).sum())
            control += int((first & ~is_target).sum())
            money += nanos(frame["expected_profit"][is_target].to_numpy())
    total = Outcome(
        customers=customers,
        excluded=excluded,
        rows=rows,
        target=target,
        control=control,
        nanos=money,
        refusals=refusals,
        peak_mb=peak_memory_mb(),
    )
    return Streamed(total, files)
