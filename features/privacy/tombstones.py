"""Who was forgotten, as keyed hashes: enough to keep them out, too little to tell who they were."""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from features.privacy.pseudonym import KEY_VARIABLE, key_from_environment
from lodeworks.errors import ConfigError, DataError
from lodeworks.files import write_text

__all__ = ["Forgotten"]

FILE = "forgotten.json"
_FORMAT = "lodeworks-forgotten"


@dataclass(frozen=True)
class Forgotten:
    """Marks of the customers of one workspace who must not come back; made by `Forgotten.beside`.

    Attributes
    ----------
    path : Path or None
        The file; None for a warehouse in memory, which forgets nobody.
    marks : frozenset of str
        One keyed hash an identifier.
    """

    path: Path | None
    marks: frozenset[str] = frozenset()
    _key: bytes = field(default=b"", repr=False)

    @classmethod
    def beside(cls, warehouse: str | Path | None) -> Self:
        """Read the marks that lie beside a warehouse file.

        Raises
        ------
        ConfigError
            When there are marks, but not the key that they were made with: a load could not tell
            who must stay out.
        DataError
            When the file is damaged.
        """
        if warehouse is None:
            return cls(None)
        path = Path(warehouse).with_name(FILE)
        if not path.exists():
            return cls(path)
        check, marks = _read(path)
        return cls(path, marks, _known_key(path, check))

    def __bool__(self) -> bool:
        """Tell whether anybody was forgotten."""
        return bool(self.marks)

    def among(self, values: Iterable[str]) -> frozenset[str]:
        """Give those of `values` that name somebody who was forgotten."""
        if not self.marks:
            return frozenset()
        return frozenset(v for v in set(values) if _mark(v, self._key) in self.marks)

    def mark(self, value: str) -> str:
        """Give the mark of one identifier."""
        return _mark(value, self._key or key_from_environment())

    def adding(self, values: Iterable[str]) -> Self:
        """Give the same with further customers forgotten; `write` keeps it."""
        key = self._key or key_from_environment()
        marks = self.marks | {_mark(value, key) for value in values}
        return replace(self, marks=frozenset(marks), _key=key)

    def write(self, path: Path) -> None:
        """Write the marks to `path`, whole or not at all."""
        content = {
            "format": _FORMAT,
            "key_check": _mark("key check", self._key),
            "marks": sorted(self.marks),
        }
        write_text(path, json.dumps(content, indent=1) + "\n")


def _mark(text: str, key: bytes) -> str:
    # Other words than those of a pseudonym, so that neither can be read as the other.
    return hmac.digest(key, f"forgotten\0{text}".encode(), "sha256").hex()


def _read(path: Path) -> tuple[str, frozenset[str]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return str(content["key_check"]), frozenset(content["marks"])
    except (ValueError, KeyError, TypeError) as error:
        damaged = f"{path} is damaged: restore it, it keeps forgotten customers out"
        raise DataError(damaged) from error


def _known_key(path: Path, check: object) -> bytes:
    try:
        key = key_from_environment(used=True)
    except ConfigError as error:
        raise ConfigError(f"{path} keeps forgotten customers out, but {error.message}") from error
    if _mark("key check", key) != check:
        raise ConfigError(
            f"{path} was made with another key: set {KEY_VARIABLE} to the key that the customers"
            " were forgotten with"
        )
    return key
