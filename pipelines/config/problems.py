"""One finding about a configuration, and all of them as one error."""

from collections.abc import Sequence
from dataclasses import dataclass

from lodeworks import ConfigError
from pipelines.config.nodes import Path, Place, dotted

__all__ = ["Problem", "refuse"]


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where.

    Examples
    --------
    >>> str(Problem(Place("demo.yaml", 3), ("window", "gap"), "is missing"))
    'demo.yaml:3: window.gap: is missing'
    """

    place: Place
    path: Path
    message: str

    def __str__(self) -> str:
        parts = (str(self.place), dotted(self.path), self.message)
        return ": ".join(part for part in parts if part)


def refuse(name: str, problems: Sequence[Problem]) -> None:
    """Raise all problems as one error, in the order of the file; do nothing when there is none.

    Raises
    ------
    ConfigError
        With the finding itself when there is one, else with a list of them.
    """
    ordered = sorted(problems, key=lambda problem: (problem.place.origin, problem.place.line))
    texts = list(dict.fromkeys(str(problem) for problem in ordered))
    if len(texts) == 1:
        raise ConfigError(texts[0])
    if texts:
        raise ConfigError(f"{name}: {len(texts)} problems", texts)
