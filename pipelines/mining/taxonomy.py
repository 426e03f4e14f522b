"""Read a product hierarchy from a file, and put its faults into words."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from models.association import Taxonomy

__all__ = ["Levels", "check_items", "read_taxonomy"]

_PARENT = "parent"
_DELIMITERS = ",;\t|"
_MOST_TOLD = 10


@dataclass(frozen=True)
class Levels:
    """A product hierarchy and what its levels are called.

    Attributes
    ----------
    taxonomy : Taxonomy
        Knows the groups above every item.
    names : tuple of str
        The columns of the levels, those of the largest groups first; empty for a file of items and
        parents, whose levels have numbers only.
    """

    taxonomy: "Taxonomy"
    names: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """How many levels there are."""
        return max(map(self.taxonomy.level, self.taxonomy.names), default=0)

    def number_of(self, level: str) -> int | None:
        """Give the number of a level, 1 at the top, from its number or name; None: there is none.

        Examples
        --------
        >>> from models.association import Taxonomy
        >>> levels = Levels(Taxonomy({"ale": "kind: beer"}), ("kind", "item"))
        >>> levels.number_of("item"), levels.number_of("1"), levels.number_of("3")
        (2, 1, None)
        """
        if level in self.names:
            return self.names.index(level) + 1
        number = int(level) if level.isascii() and level.isdigit() else 0
        return number if 1 <= number <= self.depth else None


def read_taxonomy(path: Path) -> Levels:
    """Read a table of items and parents, or of items and their groups.

    Parameters
    ----------
    path : Path
        CSV with a header, plain or gzipped. Two columns of which the second is called `parent`
        hold a name and the name above it; a group may have a parent in its turn. Any other columns
        hold the item first, then its groups from the smallest to the largest; a group is named
        with its column, such as 'level2: sausage', because an item may have the same name.

    Returns
    -------
    Levels

    Raises
    ------
    DataError
        When the file cannot be read, a cell is empty, a name has two parents, or there is a cycle.
    """
    from models.association import Taxonomy

    header, rows = _rows(path)
    pairs = _pairs(header, rows)
    _refuse(path, [*_ragged(header, rows), *_two_parents(pairs)])
    try:
        taxonomy = Taxonomy.from_pairs(dict.fromkeys((child, up) for _, child, up in pairs))
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None
    return Levels(taxonomy, () if _is_parents(header) else tuple(reversed(header)))


def check_items(path: Path, levels: Levels, items: list[str]) -> None:
    """Check that the hierarchy knows every item.

    Raises
    ------
    DataError
        When it does not; the first ones are named, with the nearest.
    """
    known = levels.taxonomy.names
    unknown = [item for item in items if item not in known]
    if not unknown:
        return
    near = {name: did_you_mean(name, map(str, known)) for name in unknown[:_MOST_TOLD]}
    told = [f"{name!r}{f'; {hint}' if hint[:3] == 'did' else ''}" for name, hint in near.items()]
    more = len(unknown) - len(told)
    problems = [*told, *([f"and {more:,} more"] if more else [])]
    raise DataError(
        f"{path}: {len(unknown):,} of the {len(items):,} items in the baskets are not in the "
        "taxonomy",
        problems,
    )


Rows = list[tuple[int, list[str]]]
Pairs = list[tuple[int, str, str]]


def _rows(path: Path) -> tuple[list[str], Rows]:
    from features.baskets.opening import read_text

    text = read_text(path).decode()
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count))
    try:
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: {error}") from None
    header = lines[0][1]
    if len(header) < 2 or len({*header}) < len(header):
        raise DataError(
            f"{path} is no taxonomy: its first line must name two columns or more, such as "
            f"item,parent or item,group,department; it is {first.strip()[:80]!r}"
        )
    return header, lines[1:]


def _is_parents(header: list[str]) -> bool:
    return len(header) == 2 and header[1].lower() == _PARENT


def _pairs(header: list[str], rows: Rows) -> Pairs:
    """List every name with the one above it and the line that says so."""
    if _is_parents(header):
        return [(line, row[0], row[1]) for line, row in rows if len(row) == 2 and all(row)]
    prefixes = ["", *(f"{name}: " for name in header[1:])]
    chains = [
        (line, [prefix + cell for prefix, cell in zip(prefixes, row, strict=True)])
        for line, row in rows
        if len(row) == len(header) and all(row)
    ]
    return [
        (line, chain[k], chain[k + 1]) for line, chain in chains for k in range(len(header) - 1)
    ]


def _ragged(header: list[str], rows: Rows) -> list[str]:
    wanted = len(header)
    wrong = [
        f"line {line}: {len(row)} fields in the place of {wanted}"
        for line, row in rows
        if len(row) != wanted
    ]
    empty = [
        f"line {line}: {header[row.index('')]!r} is empty"
        for line, row in rows
        if len(row) == wanted and not all(row)
    ]
    return [*wrong, *empty]


def _two_parents(pairs: Pairs) -> list[str]:
    first: dict[str, tuple[int, str]] = {}
    for line, child, up in pairs:
        first.setdefault(child, (line, up))
    return [
        f"line {line}: {child!r} has the parent {up!r}, but {first[child][1]!r} in line "
        f"{first[child][0]}"
        for line, child, up in pairs
        if first[child][1] != up
    ]


def _refuse(path: Path, problems: list[str]) -> None:
    if problems:
        more = len(problems) - _MOST_TOLD
        told = [*problems[:_MOST_TOLD], *([f"and {more:,} more"] if more > 0 else [])]
        raise DataError(f"{path} is no taxonomy", told)
