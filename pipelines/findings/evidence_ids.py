"""Read what a list's rows name as their evidence."""

from collections.abc import Collection
from dataclasses import dataclass

from pipelines.findings.purchase_rule import PurchaseRule

__all__ = ["Steps", "parsed"]

EVERYBODY = ("popular", "similar")
AGAIN = "favourite"
OF_MODEL = ("leaf", "segment", "finding")


@dataclass(frozen=True)
class Steps:
    """What was bought before an item, in order.

    Attributes
    ----------
    steps : tuple of tuple of str
        Items of each step, sorted.
    item : str
        What followed.
    """

    steps: tuple[tuple[str, ...], ...]
    item: str

    @property
    def rule(self) -> PurchaseRule:
        """Give the rule that leaves the order out."""
        return PurchaseRule(tuple(sorted({one for step in self.steps for one in step})), self.item)


def parsed(evidence_id: str, item: str, known: Collection[str]) -> PurchaseRule | Steps | None:
    """Tell the pattern about purchases that an evidence id names.

    Parameters
    ----------
    evidence_id : str
        Such as ``rule:A+B>C``, ``popular:C`` or ``ease:A>C``.
    item : str
        The item offered: C. Identifiers may hold any sign, so it says where the end is.
    known : collection of str
        Identifiers of items, to tell ``A+B`` the item from ``A`` and ``B``.

    Returns
    -------
    PurchaseRule, Steps or None
        None where the evidence is a part of a model: a leaf or a segment.

    Examples
    --------
    >>> parsed("rule:A+B>C", "C", {"A", "B", "C"})
    PurchaseRule(needs=('A', 'B'), item='C')
    >>> parsed("favourite:C", "C", {"C"}).again
    True
    >>> parsed("sequence:A>B>C", "C", {"A", "B", "C"}).steps
    (('A',), ('B',))
    >>> parsed("leaf:7", "C", {"C"})
    """
    kind, _, rest = evidence_id.partition(":")
    if kind in OF_MODEL:
        return None
    if kind in EVERYBODY or rest == item:
        return PurchaseRule((item,) if kind == AGAIN else (), item)
    before = rest.removesuffix(f">{item}")
    if kind == "sequence":
        steps = [before] if before in known else before.split(">")
        return Steps(tuple(tuple(_items(step, known)) for step in steps), item)
    return PurchaseRule(tuple(_items(before, known)), item)


def _items(text: str, known: Collection[str]) -> list[str]:
    """Split identifiers at plus signs, unless the whole is one."""
    return [text] if text in known else sorted(set(text.split("+")))
