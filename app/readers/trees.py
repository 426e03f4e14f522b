"""Trees that runs kept, as branches that can be opened and closed."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.readers.runs import Run

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.predicting.tree import KeptTree, TreeNode

__all__ = ["Branch", "branch_of", "branches_of", "has_tree", "kept_tree", "leaf_of"]

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
    path : str
        Its place, such as 'root.left'; empty where a table does not tell it.
    """

    text: str
    note: str = ""
    share: float | None = None
    below: list["Branch"] = field(default_factory=list)
    path: str = ""

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


def branch_of(node: "TreeNode", most: float | None = None) -> Branch:
    """Give a node of a kept tree and those below as branches.

    Parameters
    ----------
    node : TreeNode
    most : float, optional
        The rate of a full bar; by default the highest below.
    """
    most = max(one.rate for one in node.walk()) if most is None else most
    return Branch(
        text=node.text,
        note=f"{node.rows:,} records ({node.rate:.1%})",
        share=node.rate / most if most else 0.0,
        below=[branch_of(below, most) for below in node.below],
        path=node.path,
    )


def has_tree(run: Run) -> bool:
    """Say whether a run has a tree, kept whole or as a table of lines."""
    return (run.folder / "tree.parquet").is_file() or (run.folder / "tree" / "tree.json").is_file()


def kept_tree(run: Run) -> "KeptTree | None":
    """Read the tree that a run kept; None where it has none.

    Raises
    ------
    DataError
        When its file is broken.
    """
    from pipelines.predicting.tree import FOLDER, read_tree

    return read_tree(run.folder / FOLDER)


def leaf_of(run: Run, customer: str) -> str | None:
    """Give the path of the leaf at which a customer ends; None where the run does not say."""
    leaves = run.table("leaves")
    if leaves is None:
        return None
    found = leaves.loc[leaves["customer_id"].astype(str) == customer, "leaf"]
    return None if found.empty else str(found.iloc[0])


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
