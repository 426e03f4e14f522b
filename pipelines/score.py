"""The job behind `lode score`: from a bundle and today's data to a list."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError, DataError, did_you_mean
from lodeworks.progress import Progress, Silent

if TYPE_CHECKING:
    from experiments.bundle import Bundle
    from features.sources.spec import SourceBase
    from features.warehouse import LoadReport, Warehouse
    from pipelines.lists.make import CrossSellList, ListSpec
    from pipelines.manifest import Manifest

__all__ = ["ScoreSummary", "score"]

# A shop may be closed for some days; more than that is a feed that stopped.
STALE_DAYS = 7


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
        from pipelines.lists.words import list_sentence, load_sentence

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


def score(
    address: str | Path,
    *,
    data: Mapping[str, Sequence[Path]],
    as_of: date,
    out: Path,
    opt_out: Path | None = None,
    rows: int | None = None,
    control: float | None = None,
    seed: int | None = None,
    workspace: Path = Path(".lode"),
    progress: Progress | None = None,
) -> ScoreSummary:
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
    rows, control, seed : optional
        In place of the bundle's rows a customer, control share and seed of the control group.
    workspace : Path
        Where a registry without a server is looked for.
    progress : Progress, optional
        Told about every step.

    Raises
    ------
    LodeError
        `BundleError` when the bundle cannot be trusted, `DataError` when the data cannot be used;
        nothing is written then.
    """
    from experiments.bundle import load_bundle
    from features.warehouse import Warehouse
    from pipelines.lists.writer import check_format, write_list
    from pipelines.manifest import Manifest

    progress, manifest = progress or Silent(), Manifest("score")
    check_format(out)
    folder, version = _find(address, workspace)
    bundle = load_bundle(folder)
    sources = _sources(bundle, data)
    spec = _spec(bundle, rows, control, seed)
    with Warehouse.open(None) as warehouse:
        report = warehouse.load(sources, progress)
        made, notes = _make(bundle, version, warehouse, as_of, spec, opt_out, progress)
    write_list(made.batches(), out)
    _fill(manifest, bundle, folder, version, report, made, notes, as_of, spec)
    beside = out.with_name(f"{out.name}.manifest.json")
    manifest.write(beside)
    return ScoreSummary(manifest.to_dict(), out, beside)


def _find(address: str | Path, workspace: Path) -> tuple[Path, str]:
    """Give the bundle's folder and the version that the rows will name."""
    from lodeworks.files import file_digest

    if not str(address).startswith("models:"):
        from experiments.bundle import SEAL

        folder = Path(address)
        seal = folder / SEAL
        return folder, file_digest(seal)[:12] if seal.is_file() else ""
    from experiments.registry import Registry

    registry = Registry.open(workspace)
    return registry.resolve(address), registry.version_of(str(address)).version


def _sources(bundle: "Bundle", data: Mapping[str, Sequence[Path]]) -> list["SourceBase"]:
    """Read the files with the mappings that the model was trained with."""
    from pydantic import TypeAdapter

    from features.sources.spec import Source

    declared = [
        TypeAdapter(Source).validate_python(spec) for spec in bundle.meta.get("sources", [])
    ]
    known = {source.name: source for source in declared}
    by_table = {str(source.table): source for source in reversed(declared)}
    unknown = [name for name in data if name not in known and name not in by_table]
    if unknown:
        hints = [f"{name!r}: {did_you_mean(name, [*known, *by_table])}" for name in unknown]
        raise ConfigError("--data names sources that the bundle does not know", hints)
    given = []
    for name, files in data.items():
        source = known.get(name) or by_table[name]
        given += [_at(source, path, number) for number, path in enumerate(files)]
    if not any(source.table == "lines" for source in given):
        raise ConfigError("--data gives no file of purchases (the table 'lines')")
    return given


def _at(source: "SourceBase", path: Path, number: int) -> "SourceBase":
    name = source.name if number == 0 else f"{source.name}-{number + 1}"
    return source.model_copy(update={"path": str(path), "name": name})


def _spec(
    bundle: "Bundle", rows: int | None, control: float | None, seed: int | None
) -> "ListSpec":
    from pipelines.lists.bundled import list_spec

    spec = list_spec(bundle)
    if rows is not None:
        spec = replace(spec, policy=replace(spec.policy, rows=rows))
    if control is not None:
        spec = replace(spec, control=control)
    if seed is not None:
        spec = replace(spec, experiment=f"{bundle.meta['name']}-{seed}")
    return spec


def _make(
    bundle: "Bundle",
    version: str,
    warehouse: "Warehouse",
    as_of: date,
    spec: "ListSpec",
    opt_out: Path | None,
    progress: Progress,
) -> tuple["CrossSellList", list[str]]:
    import pandas as pd

    from features.purchases import bought_earlier
    from features.windows import Window
    from models.recommend.history import History
    from pipelines.crosssell.snapshots import take_snapshot
    from pipelines.lists.bundled import scorer_of
    from pipelines.lists.exclusions import opted_out, read_exclusions
    from pipelines.lists.make import make_list

    stale = (as_of - warehouse.last_day).days
    if stale > STALE_DAYS:
        raise DataError(
            f"--as-of {as_of} is after the data, which ends on {warehouse.last_day}: a list would"
            f" not know what happened in between ({STALE_DAYS} days without a sale are allowed)"
        )
    window = bundle.meta["window"]
    at = Window(as_of, window["observe"], window["gap"], window["outcome"])
    families, columns = bundle.meta["families"], bundle.meta["customer_features"]
    snapshot = take_snapshot(warehouse, at, families, columns, labelled=False)
    scorer = scorer_of(bundle, version)
    known = scorer.recommender.items_
    history: History = snapshot.history(known)
    unseen = pd.Index(snapshot.purchases["item_id"].unique()).difference(known)
    notes = [f"the data ends {stale} days before {as_of}"] if stale > 0 else []
    if len(unseen):
        lines = int(snapshot.purchases["item_id"].isin(unseen).sum())
        notes.append(
            f"{len(unseen):,} items ({lines:,} lines) are not known to the model and were not used"
        )
    exclusions = read_exclusions(opt_out, []).with_customers(opted_out(warehouse))
    if spec.exclude_owned:
        exclusions = exclusions.with_pairs(bought_earlier(warehouse, at))
    return make_list(scorer, history, spec, exclusions, progress=progress), notes


def _fill(
    manifest: "Manifest",
    bundle: "Bundle",
    folder: Path,
    version: str,
    report: "LoadReport",
    made: "CrossSellList",
    notes: list[str],
    as_of: date,
    spec: "ListSpec",
) -> None:
    from pipelines.lists.words import money_values

    manifest.add(
        bundle=str(folder),
        model=bundle.meta["name"],
        model_version=version,
        recipe=bundle.meta["recipe"],
        trained_through=bundle.meta["trained_through"],
        as_of=str(as_of),
        load=report.to_dict(),
        list=made.counts(),
        terms=asdict(spec),
        expected_profit=money_values(made.expected_profit, bundle.meta["currency"]),
        notes=notes,
    )
