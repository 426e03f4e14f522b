"""A tree drawn with lines."""

from collections.abc import Callable, Iterator

from models.trees.nodes import Node

__all__ = ["draw"]


def draw(root: Node, words: Callable[[Node], str]) -> str:
    """Draw a tree, one node a line.

    Parameters
    ----------
    root : Node
    words : callable
        Gives what is said of a node after its condition.

    Examples
    --------
    >>> print(draw(Node("root", (1.0, 2.0), 3), lambda node: f"{node.n_rows} rows"))
    all: 3 rows
    """
    return "\n".join([f"all: {words(root)}", *_below(root, words, "")])


def _below(node: Node, words: Callable[[Node], str], indent: str) -> Iterator[str]:
    if node.split is None:
        return
    mark = " [by a person]" if node.split.forced else ""
    for i, child in enumerate(node.children):
        last = i == len(node.children) - 1
        branch, deeper = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield f"{indent}{branch}{node.split.condition(i).text}: {words(child)}{mark}"
        yield from _below(child, words, indent + deeper)
