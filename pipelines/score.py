"""The job behind `lode score`: from a bundle and today's data to a list."""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.errors import BundleError, ConfigError, did_you_mean
from lodeworks.progress import Progress, Silent
from pipelines.bundle_kind import CROSS_SELL, find_bundle, kind_of
from pipelines.given import given_options

if TYPE_CHECKING:
    from pipelines.crosssell.basket import BasketAnswer
    from pipelines.crosssell.scoring import ScoreSummary
    from pipelines.questions.scoring import RecordScorer, Scored

__all__ = ["SCORERS", "basket_offers", "kind_of", "score", "score_records", "scorer_of"]

SCORERS: dict[str, str] = {
    "predict": "pipelines.predicting.scoring:PredictScorer",
    "segments": "pipelines.segmenting.scoring:SegmentScorer",
    "value-classes": "pipelines.valueclasses.scoring:ClassScorer",
    "uplift": "pipelines.uplifting.scoring:UpliftScorer",
    "value": "pipelines.valuing.scoring:ValueScorer",
    "deviation": "pipelines.deviating.scoring:DeviationScorer",
}
"""What scores new records with the bundle of each other kind of question."""


def scorer_of(folder: Path) -> "type[RecordScorer]":
    """Give the class that scores with a bundle of a question other than cross-sell.

    Raises
    ------
    BundleError
        When no class does.
    """
    kind = kind_of(folder)
    if kind == CROSS_SELL:  # also where a bundle was changed so that it does not say
        from experiments.bundle import check_seal

        check_seal(folder)
    if kind not in SCORERS:
        hint = did_you_mean(kind, SCORERS)
        raise BundleError(f"{folder}: a bundle of kind {kind!r} makes no list of records; {hint}")
    module, _, name = SCORERS[kind].partition(":")
    found: type[RecordScorer] = getattr(import_module(module), name)
    return found


def score_records(
    address: str | Path,
    *,
    data: Mapping[str, Sequence[Path]],
    out: Path,
    as_of: date | None = None,
    workspace: Path = Path(".lode"),
    progress: Progress | None = None,
    **others: object,
) -> "Scored":
    """Score new records with the bundle of a question other than cross-sell.

    Parameters
    ----------
    address : str or Path
        A bundle's folder, or ``models:/NAME@ALIAS``.
    data : mapping of str to sequence of Path
        Files by the name of the bundle's source or of its table.
    out : Path
        ``.csv`` or ``.parquet``; its manifest stands beside it.
    as_of : date, optional
        The last day that may be seen, where the bundle reads purchases.
    workspace : Path
        Where a registry without a server is looked for.
    progress : Progress, optional
        Told about every step.
    **others
        Options that only a cross-sell list takes; refused when given.

    Raises
    ------
    LodeError
        `ConfigError`, `BundleError` or `DataError`; nothing is written then.
    """
    idle = given_options(**others)
    if idle:
        raise ConfigError(f"only a cross-sell list takes {', '.join(idle)}: leave it out")
    from pipelines.questions.scoring import score_with

    folder, version = find_bundle(address, workspace)
    return score_with(
        scorer_of(folder),
        folder,
        data=data,
        out=out,
        as_of=as_of,
        progress=progress or Silent(),
        address=str(address),
        version=version,
    )


def score(
    address: str | Path,
    *,
    data: Mapping[str, Sequence[Path]],
    as_of: date,
    out: Path,
    opt_out: Path | None = None,
    suppress: Sequence[Path] = (),
    rows: int | None = None,
    control: float | None = None,
    seed: int | None = None,
    stock: Path | None = None,
    contacts: Path | None = None,
    baseline: Path | None = None,
    findings: bool = False,
    memory: str | None = None,
    workers: int | None = None,
    partition: int | None = None,
    engine: str = "duckdb",
    spark_master: str | None = None,
    workspace: Path = Path(".lode"),
    progress: Progress | None = None,
) -> "ScoreSummary":
    """Make a list with a bundle.

    Parameters
    ----------
    address : str or Path
        A bundle's folder, or ``models:/NAME@ALIAS``.
    data : mapping of str to sequence of Path
        Files by the name of the bundle's source (or of its table) whose mapping they follow.
    as_of : date
        The last day that may be seen.
    out : Path
        The list, ``.csv`` or ``.parquet``; its manifest stands beside it as
        ``OUT.manifest.json``.
    opt_out : Path, optional
        Customers who must not be contacted, besides those that the data says.
    suppress : sequence of Path
        Files of customers, items or pairs that must not be on the list.
    rows, control, seed : optional
        In place of the bundle's rows a customer, control share and seed of the control group.
    stock : Path, optional
        How many customers single items may be offered to: ``item_id``, ``stock``.
    contacts : Path, optional
        Earlier contacts, ``customer_id`` and their day: who was reached often enough is left out.
    baseline : Path, optional
        Probabilities of a purchase without the offer.
    findings : bool
        Offer what the accepted rules of the workspace say, in place of the model; rejected ones
        forbid.
    memory : str, optional
        What may be used at most, such as ``"4GiB"``, by all processes together. By default the
        work is laid out for 4 GiB, and taking more is no error.
    workers : int, optional
        Processes that score; default one for each core, as far as memory and work suffice.
    partition : int, optional
        Customers that are scored together, at most; by default what fits. Neither changes the list.
    engine : {"duckdb", "spark"}
        What makes the rows. Spark writes `out` as a folder of Parquet files.
    spark_master : str, optional
        Where Spark runs; default two threads of this machine.
    workspace : Path
        Where a registry without a server is looked for, and the findings.
    progress : Progress, optional
        Told about every step.

    Returns
    -------
    ScoreSummary
        The figures of the list and where it lies.

    Raises
    ------
    LodeError
        `BundleError` when the bundle cannot be trusted, `DataError` when the data cannot be used;
        nothing is written then. `BudgetExceeded` when `memory` does not suffice: no list is written
        then, and what is known of it stands in ``OUT.partial.json``.
    """
    from pipelines.crosssell.budget import Budget
    from pipelines.crosssell.scoring import Request, Scoring

    request = Request(
        address=str(address),
        data=data,
        as_of=as_of,
        out=out,
        opt_out=opt_out,
        suppress=tuple(suppress),
        rows=rows,
        control=control,
        seed=seed,
        stock=stock,
        contacts=contacts,
        baseline=baseline,
        findings=findings,
        budget=Budget.of(memory, workers, partition),
    )
    told = progress or Silent()
    if engine == "duckdb" and spark_master is None:
        return Scoring(request, workspace, told).run()
    from pipelines.spark.scoring import asked_of_spark

    return asked_of_spark(request, workspace, told, engine, spark_master).run()


def basket_offers(
    address: str | Path, basket: str, *, rows: int | None = None, workspace: Path = Path(".lode")
) -> "BasketAnswer":
    """Say what to offer beside a basket.

    Parameters
    ----------
    address : str or Path
        A bundle's folder, or ``models:/NAME@ALIAS``.
    basket : str
        Identifiers of items, separated by commas.
    rows : int, optional
        Offers, at most; default 5.
    workspace : Path
        Where a registry without a server is looked for.

    Raises
    ------
    LodeError
        `BundleError` when the bundle cannot be trusted, `DataError` when an item is not known.
    """
    from pipelines.crosssell.basket import answer

    return answer(str(address), basket, rows or 5, workspace)
