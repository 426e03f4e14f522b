"""Everything that speaks against a measurement, gathered and told at once."""

from dataclasses import dataclass, field

from lodeworks.errors import DataError, GateRefused

__all__ = ["Problems"]


@dataclass
class Problems:
    """What was found wrong so far.

    Attributes
    ----------
    data : list of str
        What makes a measurement impossible.
    gates : list of str
        What makes it untrustworthy unless somebody accepts it.
    notes : list of str
        What a reader of the result must know.
    """

    data: list[str] = field(default_factory=list)
    gates: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self) -> None:
        """Raise everything that stands in the way, all at once.

        Raises
        ------
        DataError
            When the data cannot be measured; gates are told too.
        GateRefused
            When only gates are closed.
        """
        if not self.data and not self.gates:
            return
        error = DataError if self.data else GateRefused
        found = [*self.data, *self.gates]
        if len(found) == 1:
            raise error(found[0])
        raise error(f"the list cannot be measured: {len(found)} problems", found)
