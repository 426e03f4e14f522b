"""The readable tree of a question: learned, kept with a run, and changed to see what that does."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import mean_interval
from features.privacy.purge import names_customers
from lodeworks.errors import DataError, did_you_mean
from lodeworks.files import write_text
from models.tabular.encoding import is_number
from models.trees.effect import override_effect
from models.trees.nodes import Node
from models.trees.tree import ReadableTree
from pipelines.config.predict import Money
from pipelines.predicting.records import Records, Sample
from pipelines.predicting.worth import chosen

__all__ = [
    "FILES", "FOLDER", "KeptTree", "TreeNode", "effect_of", "leaves_of", "path_of", "read_tree",
    "record_of", "write_tree",
]  # fmt: skip

FOLDER = "tree"
FILES = ("tree.json", "learned.parquet", "held_out.parquet")
DEPTH = 4
MOST_LEARNED, MOST_HELD = 5_000, 2_000
MOST_VALUES = 50
SMALLEST_LEAF = 20
OUTCOME, COST, REVENUE = "= outcome", "= cost", "= revenue"
"""Columns beside those of the records; no source names a column so."""


@dataclass(frozen=True)
class TreeNode:
    """One node, as a person reads it.

    Attributes
    ----------
    path : str
        Its place, such as 'root.left'.
    text : str
        The answer that leads here.
    rows : int
        Records learned from that meet it.
    rate : float
        Share of them with the outcome.
    below : tuple of TreeNode
    """

    path: str
    text: str
    rows: int
    rate: float
    below: tuple["TreeNode", ...] = ()

    def walk(self) -> Iterator["TreeNode"]:
        """Go through this node and all below, parents first."""
        yield self
        for node in self.below:
            yield from node.walk()


@dataclass(frozen=True)
class KeptTree:
    """A tree, and the small samples that it is judged on.

    Attributes
    ----------
    folder : Path
        Where its files lie.
    tree : ReadableTree
        Fitted.
    money : section of the configuration
        What acting costs and brings.
    values : dict of str to list of str or None
        The columns: the values of a category, None for a number.
    held_out : int
        Records of the held-out sample.
    """

    folder: Path
    tree: ReadableTree
    money: Money
    values: Mapping[str, list[str] | None]
    held_out: int

    @property
    def root(self) -> TreeNode:
        """Give the tree as a person reads it."""
        return _node(self.tree.root_, "all")

    @property
    def asked(self) -> list[str]:
        """Name the columns that the tree asks for, in their order."""
        used = {node.split.column for node in self.tree.root_.walk() if node.split is not None}
        return [name for name in self.values if name in used]


def write_tree(folder: Path, sample: Sample, money: Money, seed: int) -> None:
    """Learn a tree and write it with its samples; nothing where nothing can be learned.

    Parameters
    ----------
    folder : Path
        That of the files.
    sample : Sample
        Checked records. Numbers and categories of few values are kept, no names of records.
    money : section of the configuration
        A capacity stated as a depth.
    seed : int
        Draws at most 5,000 records to learn from and 2,000 held out, without their order.
    """
    columns = [str(name) for name in sample.train.table if _is_plain(sample.train.table, name)]
    learned = _drawn(sample.train, columns, MOST_LEARNED, seed)
    held = _drawn(sample.held, columns, MOST_HELD, seed)
    if not columns or learned[OUTCOME].nunique() < 2:
        return
    leaf = min(SMALLEST_LEAF, max(5, len(learned) // 20))
    tree = ReadableTree(max_depth=DEPTH, min_samples_leaf=leaf, random_state=seed)
    tree.fit(learned[columns], learned[OUTCOME])
    about = {
        "tree": tree.to_dict(),
        "money": money.model_dump(mode="json"),
        "columns": [[name, _values(learned[name])] for name in columns],
        "held_out": len(held),
    }
    write_text(folder / FILES[0], json.dumps(about, allow_nan=False))
    learned.to_parquet(folder / FILES[1], index=False)
    held.to_parquet(folder / FILES[2], index=False)


def read_tree(folder: Path) -> KeptTree | None:
    """Read what `write_tree` wrote; None where there is none.

    Raises
    ------
    DataError
        When the file is broken.
    """
    try:
        about = json.loads((folder / FILES[0]).read_text(encoding="utf-8"))
        return KeptTree(
            folder=folder,
            tree=ReadableTree.from_dict(about["tree"]),
            money=Money.model_validate(about["money"]),
            values=dict(about["columns"]),
            held_out=int(about["held_out"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder}: the tree cannot be read") from error


def leaves_of(kept: KeptTree, records: Records) -> pd.DataFrame:
    """Give the leaf of each record: ``customer_id`` and ``leaf``, the path of the node."""
    leaves = kept.tree.apply(_plain(records.table, list(kept.values)))
    return pd.DataFrame({"customer_id": records.ids, "leaf": leaves.astype(str)})


def path_of(kept: KeptTree, leaf: str) -> list[TreeNode]:
    """Give the nodes on the way to a leaf, the top first."""
    return [node for node in kept.root.walk() if f"{leaf}.".startswith(f"{node.path}.")]


def record_of(kept: KeptTree, given: Mapping[str, str]) -> list[TreeNode]:
    """Give the nodes that a record with these values meets.

    Parameters
    ----------
    kept : KeptTree
    given : mapping of str to str
        Values by column, as typed; what is empty or absent counts as missing.

    Raises
    ------
    ValueError
        When a number is none; all are named.
    """
    typed = {name: given.get(name, "").strip() or None for name in kept.values}
    numbers = [name for name, values in kept.values.items() if values is None]
    wrong = [name for name in numbers if typed[name] is not None and not _is_finite(typed[name])]
    if wrong:
        raise ValueError("; ".join(f"{name} is a number, not {typed[name]!r}" for name in wrong))
    frame = pd.DataFrame({name: [typed[name]] for name in kept.values})
    return path_of(kept, str(kept.tree.apply(_plain(frame, list(kept.values), numbers))[0]))


def effect_of(
    kept: KeptTree, place: str, column: str | None = None, threshold: float | None = None
) -> pd.DataFrame:
    """Measure on the held-out sample what it does to say something about a node.

    The tree is learned anew on the records it came from, with and without what is said.

    Parameters
    ----------
    kept : KeptTree
    place : str
        Path of the node.
    column : str, optional
        Split by it; by default the node becomes a leaf.
    threshold : float, optional
        Split a number here; by default at the best place.

    Returns
    -------
    pandas.DataFrame
        One row a measure, accuracy, log loss and profit: ``without``, ``with``, ``difference``,
        ``low``, ``high``, ``verdict``. Profit is money of the whole sample, had one acted upon
        the records that each tree says pay.

    Raises
    ------
    ValueError
        When the place or the column is not there, or the split cannot be made.
    DataError
        When the samples are gone or broken.
    """
    order = _order(kept, place, column, threshold)
    said = kept.tree.override(place, order)
    learned, held = (_read(kept.folder / name) for name in FILES[1:])
    columns = list(kept.values)
    train, check = (learned[columns], learned[OUTCOME]), (held[columns], held[OUTCOME])
    measured = override_effect(kept.tree, {"nodes": {place: order}}, train, check)
    plain = _earned(kept, kept.tree, held)
    difference = _earned(kept, said.fit(*train), held) - plain
    before = float(plain.sum())
    interval = mean_interval(difference).times(len(held))
    profit = {
        "measure": "profit", "without": before, "with": before + float(difference.sum()),
        "difference": float(difference.sum()), "low": interval.low, "high": interval.high,
        "verdict": _verdict(interval.low, interval.high),
    }  # fmt: skip
    return pd.concat([measured, pd.DataFrame([profit])], ignore_index=True)


def _node(node: Node, text: str) -> TreeNode:
    below = () if node.split is None else tuple(
        _node(child, node.split.condition(branch).text)
        for branch, child in enumerate(node.children)
    )  # fmt: skip
    return TreeNode(node.path, text, node.n_rows, node.counts[-1] / sum(node.counts), below)


def _order(
    kept: KeptTree, place: str, column: str | None, threshold: float | None
) -> str | dict[str, Any]:
    places = [node.path for node in kept.root.walk()]
    if place not in places:
        raise ValueError(f"the tree has no place {place!r}; {did_you_mean(place, places)}")
    if column is None:
        return "leaf"
    if column not in kept.values:
        raise ValueError(f"no column is called {column!r}; {did_you_mean(column, kept.values)}")
    if threshold is None:
        return {"column": column}
    if kept.values[column] is not None:
        raise ValueError(f"{column} has categories: leave the threshold empty")
    return {"column": column, "threshold": threshold}


def _earned(kept: KeptTree, tree: ReadableTree, held: pd.DataFrame) -> np.ndarray:
    """Give the money of each record, had one acted upon those that the tree says pay."""
    probability = tree.predict_proba(held[list(kept.values)])[:, -1]
    cost, revenue = held[COST].to_numpy(), held[REVENUE].to_numpy()
    acted = chosen(probability * revenue - cost, kept.money)
    return np.asarray(acted * (held[OUTCOME].to_numpy() * revenue - cost))


def _verdict(low: float, high: float) -> str:
    return "better" if low > 0 else "worse" if high < 0 else "no difference shown"


def _is_plain(table: pd.DataFrame, name: Any) -> bool:
    column = table[name]
    few = is_number(column) or column.nunique() <= MOST_VALUES
    return few and not names_customers(str(name)) and name not in (OUTCOME, COST, REVENUE)


def _drawn(records: Records, columns: list[str], most: int, seed: int) -> pd.DataFrame:
    """Draw records by lot, in an order that tells nothing."""
    rows = np.random.default_rng(seed).permutation(len(records))[:most]
    part = records.take(rows)
    money = {OUTCOME: part.outcome.astype(int), COST: part.cost, REVENUE: part.revenue}
    return _plain(part.table, columns).assign(**money)


def _plain(
    table: pd.DataFrame, columns: list[str], numbers: list[str] | None = None
) -> pd.DataFrame:
    """Give numbers as float64 and all else as text, without names of rows."""
    known = [name for name in columns if is_number(table[name])] if numbers is None else numbers
    return pd.DataFrame(
        {
            name: table[name].astype("float64").to_numpy()
            if name in known
            else pd.array(_texts(table[name]), dtype="str")
            for name in columns
        }
    )


def _texts(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in column]


def _values(column: pd.Series) -> list[str] | None:
    return None if is_number(column) else sorted(column.dropna().unique())


def _is_finite(text: str | None) -> bool:
    try:
        return bool(np.isfinite(float(text or "")))
    except ValueError:
        return False


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except Exception as error:
        raise DataError(f"{path.name}: the sample of the tree cannot be read") from error
