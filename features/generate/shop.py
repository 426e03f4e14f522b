"""Generate a whole shop into a folder, block by block in bounded memory."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from features.generate.campaigns import Campaigns, Contacts, contact, plan_campaigns, respond
from features.generate.catalogue import Catalogue, make_catalogue
from features.generate.customers import Customers, draw_customers
from features.generate.dirt import Dirt, Quota, draw_dirt
from features.generate.draws import stream
from features.generate.orders import Lines, draw_orders, follow_up
from features.generate.parameters import Parameters, check
from features.generate.patterns import Patterns, choose_patterns
from features.generate.rows import line_rows
from features.generate.seasons import Calendar
from features.generate.truth import Truth
from features.generate.writer import TableWriter
from lodeworks.files import new_folder
from lodeworks.progress import Progress, Silent

__all__ = ["Generated", "generate"]

STREAM = 8
SURPLUS = 1.12
TABLES = ("lines", "items", "customers", "contacts")
TASK = "generate"


@dataclass(frozen=True)
class Generated:
    """What was written.

    Attributes
    ----------
    folder : Path
        The folder that holds everything.
    paths : mapping of str to Path
        ``lines``, ``items``, ``customers``, ``contacts``, ``truth``, ``truth_segments``.
    counts : mapping of str to int
        Rows of every table, and ``orders``.
    dirty : mapping of str to int
        Dirty rows of every kind, exactly as written.
    """

    folder: Path
    paths: Mapping[str, Path]
    counts: Mapping[str, int]
    dirty: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Give the same as JSON-able values."""
        return {
            "folder": str(self.folder),
            "paths": {name: str(path) for name, path in self.paths.items()},
            "counts": dict(self.counts),
            "dirty": dict(self.dirty),
        }


def generate(
    folder: str | Path,
    *,
    lines: int = 100_000,
    seed: int = 0,
    start: date = date(2023, 1, 1),
    end: date = date(2024, 12, 31),
    file_format: Literal["csv", "parquet"] = "csv",
    dirty: float = 0.02,
    progress: Progress | None = None,
) -> Generated:
    """Generate a shop: customers, products, orders, campaigns, and the truth about all of them.

    Written are ``lines``, ``items``, ``customers`` and ``contacts`` in the chosen format,
    ``truth.json`` and ``truth_segments.parquet``. The lines are sorted by time inside each block of
    8,192 customers. Memory depends on the size of a block, not on the number of lines.

    Parameters
    ----------
    folder : str or Path
        Appears whole or not at all; a shop generated there before is replaced.
    lines : int
        Rows of the table ``lines``, dirty ones included: 1,000 to 100,000,000. Everything else
        grows with it.
    seed : int
        Same seed and parameters, same bytes.
    start, end : date
        First and last day, both included.
    file_format : {'csv', 'parquet'}
        Format of the four tables. In Parquet the columns that can be dirty are texts too.
    dirty : float
        Share of the rows that are dirty, 0 to 0.5.
    progress : Progress, optional
        Told of every block. Default: silent.

    Returns
    -------
    Generated
        Where everything is and how many rows were written.

    Raises
    ------
    ConfigError
        When a parameter is out of range, with all problems at once; nothing was written.
    """
    parameters = Parameters(lines, seed, start, end, dirty)
    final = Path(folder)
    check(final, parameters, file_format)
    with new_folder(final.resolve()) as aside:
        truth = _Shop(parameters).write(aside, file_format, progress or Silent())
    return Generated(final, _paths(final, file_format), truth.counts, truth.dirty)


class _Shop:
    """What all blocks of a shop have in common, and how one block is made of it."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.calendar = Calendar.between(parameters.start, parameters.end)
        self.campaigns: Campaigns = plan_campaigns(parameters.days)
        catalogue = make_catalogue(parameters.items, parameters.seed)
        self.patterns: Patterns = choose_patterns(catalogue, self.campaigns.size)
        self.catalogue: Catalogue = catalogue.with_best_sellers(self.patterns.beginnings)
        self.prices = self.catalogue.prices(self.calendar)

    def write(self, folder: Path, file_format: str, progress: Progress) -> Truth:
        """Write all files into `folder`."""
        paths = _paths(folder, file_format)
        truth = Truth(self.patterns, self.campaigns)
        progress.start(TASK, self.parameters.blocks)
        with ExitStack() as stack:
            tables = (*TABLES, "truth_segments")
            writers = {name: stack.enter_context(TableWriter(paths[name])) for name in tables}
            writers["items"].write(self.catalogue.table())
            truth.counts["items"] = self.catalogue.size
            for block in range(self.parameters.blocks):
                self._write_block(block, writers, truth)
                progress.step(TASK, f"{truth.counts['lines']:,} lines")
        truth.write(paths["truth"], self.parameters, self.catalogue, self.calendar)
        progress.done(TASK, f"{truth.counts['lines']:,} lines")
        return truth

    def _write_block(self, block: int, writers: Mapping[str, TableWriter], truth: Truth) -> None:
        seed = self.parameters.seed
        numbers = self.parameters.block(block)
        customers = draw_customers(numbers, block, seed, self.catalogue, self.calendar)
        contacts = contact(customers, self.campaigns, block, seed)
        quota, lines_before = self._quota(numbers)
        lines = self._lines(quota.lines, customers, contacts, block)
        dirt = draw_dirt(lines, quota, block, seed)
        rows = self._rows(lines, dirt, customers, block, lines_before)
        writers["lines"].write(rows)
        writers["customers"].write(customers.table(self.calendar))
        writers["truth_segments"].write(customers.truth(self.calendar))
        writers["contacts"].write(
            contacts.table(self.campaigns, customers, self.catalogue, self.calendar, self.patterns)
        )
        truth.add(customers, lines, dirt, contacts, rows.num_rows)

    def _lines(self, wanted: int, customers: Customers, contacts: Contacts, block: int) -> Lines:
        """Make exactly `wanted` lines; begin again with more when items repeat too much."""
        seed, surplus = self.parameters.seed, SURPLUS
        answer = (contacts, self.campaigns, self.patterns, self.calendar, block, seed)
        lines = respond(self._purchases(int(wanted * surplus), customers, block), *answer)
        while lines.size < wanted:
            surplus *= SURPLUS
            lines = respond(self._purchases(int(wanted * surplus), customers, block), *answer)
        return _exactly(wanted, lines, stream(seed, STREAM, block))

    def _rows(
        self, lines: Lines, dirt: Dirt, customers: Customers, block: int, lines_before: int
    ) -> pa.Table:
        return line_rows(
            lines,
            dirt,
            customers,
            self.catalogue,
            self.calendar,
            self.prices,
            block=block,
            seed=self.parameters.seed,
            lines_before=lines_before,
        )

    def _quota(self, numbers: range) -> tuple[Quota, int]:
        """Give the quota of a block of customers, and the lines of the blocks before it."""
        everyone, lines = self.parameters.customers, self.parameters.lines
        begin, end = numbers.start / everyone, numbers.stop / everyone
        before = Quota.between(lines, 0.0, 0.0, begin).rows
        return Quota.between(lines, self.parameters.dirty, begin, end), before

    def _purchases(self, drawn: int, customers: Customers, block: int) -> Lines:
        """Draw ordinary orders and the later orders of sequences."""
        shared = (
            customers,
            block,
            self.parameters.seed,
            self.catalogue,
            self.calendar,
            self.patterns,
        )
        return follow_up(draw_orders(drawn, *shared), *shared)


def _exactly(wanted: int, lines: Lines, rng: np.random.Generator) -> Lines:
    """Leave out ordinary lines at random until `wanted` are left, then sort them by time."""
    ordinary = np.flatnonzero(~lines.fixed)
    surplus = rng.permutation(ordinary)[: lines.size - wanted]
    keep = np.ones(lines.size, dtype=bool)
    keep[surplus] = False
    left = lines.take(keep)
    return left.take(np.lexsort((left.item, left.order, left.moment)))


def _paths(folder: Path, file_format: str) -> dict[str, Path]:
    return {
        **{name: folder / f"{name}.{file_format}" for name in TABLES},
        "truth": folder / "truth.json",
        "truth_segments": folder / "truth_segments.parquet",
    }
