"""Which findings are wanted, as a condition on the tables."""

from dataclasses import dataclass

from experiments.findings.draft import KINDS
from experiments.findings.status import STATUSES
from lodeworks.errors import ConfigError, did_you_mean

__all__ = ["Filter"]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What to look for; what is not stated does not matter.

    Attributes
    ----------
    kinds, statuses : tuple of str
        Any of these.
    run : str
        Found by this run; the figures are those of that run then.
    question : str
        Of this question.
    text : str
        Part of a name or an identifier in the pattern or the statement, in any case.
    min_money : float, optional
        Least money; findings without any are left out.
    limit : int, optional
        Most findings.

    Raises
    ------
    ConfigError
        When a kind or status is not known.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    run: str = ""
    question: str = ""
    text: str = ""
    min_money: float | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        problems = [
            f"no {what} is called {name!r}; {did_you_mean(name, known)}"
            for what, names, known in (
                ("kind", self.kinds, KINDS),
                ("status", self.statuses, STATUSES),
            )
            for name in names
            if name not in known
        ]
        if self.limit is not None and self.limit < 1:
            problems.append(f"the limit must be at least 1 but got {self.limit}")
        if problems:
            more = len(problems) > 1
            raise ConfigError(
                "findings cannot be looked up" if more else problems[0], problems if more else ()
            )

    def condition(self) -> tuple[str, list[object]]:
        """Give the condition over findings ``f`` and observations ``o``, and its values."""
        parts: list[tuple[str, list[object]]] = [
            _any_of("f.kind", self.kinds),
            _any_of("f.status", self.statuses),
            ("f.question = ?", [self.question]) if self.question else ("", []),
            ("o.money >= ?", [self.min_money]) if self.min_money is not None else ("", []),
            ("o.run_id = ? AND o.found = 1", [self.run]) if self.run else ("", []),
            ("instr(f.searched, ?) > 0", [self.text.casefold()]) if self.text else ("", []),
        ]
        told = [text for text, _ in parts if text]
        return " AND ".join(told) or "1", [value for _, values in parts for value in values]


def _any_of(column: str, names: tuple[str, ...]) -> tuple[str, list[object]]:
    if not names:
        return "", []
    return f"{column} IN ({', '.join('?' * len(names))})", list(names)
