"""The words of findings in a language, from a file of resources."""

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from experiments.findings.draft import Words
from lodeworks.errors import ConfigError, did_you_mean

__all__ = ["LANGUAGES", "Language", "language_of"]

FOLDER = Path(__file__).parent / "words"
LANGUAGES = tuple(sorted(file.stem for file in FOLDER.glob("*.json")))
VARIABLE = "LODE_LANGUAGE"
DEFAULT = "en"

# Values that are shares, wherever they stand; and those that are words of ours, not of the data.
SHARES = ("confidence", "share", "support")
LABELLED = ("feature", "level", "measure", "outcome", "strength", "subject", "trait", "verdict")

SEEN = 0.05
"""Less than this many times would be told as none at all."""


class Language:
    """Sentences in one language.

    Parameters
    ----------
    code : str
        One of ``LANGUAGES``.

    Examples
    --------
    >>> words = Words("plain", {"en": "Tea sells.", "zh": "茶叶畅销。"})
    >>> Language("en").tell(words), Language("zh").tell(words)
    ('Tea sells.', '茶叶畅销。')
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.words = _read(code)

    def tell(self, words: Words) -> str:
        """Put a statement into a sentence; a value that is missing is said to be not known.

        Names from the data are taken as they are: whoever shows the sentence escapes it.
        """
        if words.key == "plain":
            return str(words.values.get(self.code) or words.values.get(DEFAULT, ""))
        template = self.words.get(words.key)
        if not isinstance(template, str):
            return _bare(words)
        return self._filled(template, words.values)

    def label(self, name: str) -> str:
        """Give the word for an indicator, a level or the like; itself where there is none."""
        return str(self.words["labels"].get(name, name))

    def of(self, group: str, name: str, **values: Any) -> str:
        """Give a word of ``kinds``, ``statuses``, ``changes`` or ``page``."""
        return self._filled(str(self.words[group].get(name, name)), values)

    def _filled(self, template: str, values: Mapping[str, Any]) -> str:
        told = []
        for text, field, spec, _ in Formatter().parse(template):
            told.append(text)
            if field is not None:
                told.append(self._value(field, values.get(field), spec or ""))
        return "".join(told)

    def _value(self, field: str, value: Any, spec: str) -> str:
        if value is None:
            return str(self.words["unknown"])
        if isinstance(value, list | tuple):
            return self._listed(field, [self._value(field, one, "") for one in value])
        if isinstance(value, Mapping):
            return self._filled(
                str(self.words["segment.traits"]),
                {key: self.label(str(one)) for key, one in value.items()},
            )
        if isinstance(value, str):
            return self.label(value) if field in LABELLED else value
        return _number(field, value, spec)

    def _listed(self, field: str, parts: list[str]) -> str:
        if field == "steps":
            return str(self.words["then"]).join(parts)
        comma, last = str(self.words["comma"]), str(self.words["and"])
        return last.join([*([comma.join(parts[:-1])] if len(parts) > 1 else []), *parts[-1:]])


def language_of(stated: str | None = None, configured: str | None = None) -> Language:
    """Give the language asked for: as stated, else by the environment or a configuration.

    Parameters
    ----------
    stated : str, optional
        A code such as ``zh``. Default: the variable ``LODE_LANGUAGE``.
    configured : str, optional
        What a configuration says; default English.

    Raises
    ------
    ConfigError
        When there are no words in that language.
    """
    code = stated or os.environ.get(VARIABLE) or configured or DEFAULT
    if code not in LANGUAGES:
        raise ConfigError(f"no words in the language {code!r}; {did_you_mean(code, LANGUAGES)}")
    return Language(code)


@cache
def _read(code: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    return found


def _number(field: str, value: float, spec: str) -> str:
    if isinstance(value, float) and value.is_integer() and spec == ",":
        value = int(value)
    if spec:
        return format(value, spec)
    if field in SHARES:
        return f"{value:.1%}"
    if field == "times":
        return f"{value:.1f}" if value >= SEEN or not value else f"{value:.1g}"
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"


def _bare(words: Words) -> str:
    """Give the values of a statement that no file of words knows."""
    told = ", ".join(f"{name} {value}" for name, value in words.values.items())
    return f"{words.key}: {told}"
