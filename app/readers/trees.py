"""A tree in a table, as branches that can be opened and closed."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Branch", "branches_of"]

RATE = re.compile(r"\(([0-9.]+)%\)\s*$")
INDENT = re.compile(r"^[\s│├└─|]*")


@dataclass
class Branch:
    """One node and those below it.

    Attributes
    ----------
    text : str
        The answer that leads here.
    note : str
        How many meet it, and the rate among them.
    share : float or None
        The rate as a share of the highest rate in the tree, for its bar.
    below : list of Branch
    """

    text: str
    note: str = ""
    share: float | None = None
    below: list["Branch"] = field(default_factory=list)

    @property
    def leaves(self) -> int:
        """Count the ends below."""
        return sum(branch.leaves for branch in self.below) or 1


def branches_of(frame: "pd.DataFrame") -> list[Branch]:
    """Give the branches of a table with a ``line`` a node, indented by its depth.

    Examples
    --------
    >>> import pandas as pd
    >>> lines = ["all: 5 of 10 (50.00%)", "  young: 4 of 5 (80.00%)", "  old: 1 of 5 (20.00%)"]
    >>> (root,) = branches_of(pd.DataFrame({"line": lines}))
    >>> root.text, root.note, [below.text for below in root.below], root.below[1].share
    ('all', '5 of 10 (50.00%)', ['young', 'old'], 0.25)
    """
    if "line" not in frame:
        return []
    lines = [str(line) for line in frame["line"] if str(line).strip()]
    most = max([rate for line in lines if (rate := _rate(line)) is not None], default=0.0)
    roots: list[Branch] = []
    path: list[tuple[int, Branch]] = []
    for line in lines:
        depth, branch = _read(line, most)
        while path and path[-1][0] >= depth:
            path.pop()
        (path[-1][1].below if path else roots).append(branch)
        path.append((depth, branch))
    return roots


def _read(line: str, most: float) -> tuple[int, Branch]:
    found = INDENT.match(line)
    depth = found.end() if found else 0
    text, colon, note = line[depth:].strip().rpartition(": ")
    rate = _rate(line)
    share = None if rate is None or not most else rate / most
    return depth, Branch(text if colon else note, note if colon else "", share)


def _rate(line: str) -> float | None:
    found = RATE.search(line)
    return float(found.group(1)) if found else None
