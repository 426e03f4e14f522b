"""The whole configuration written out, with what came from the environment kept out of sight."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from features.sources.addresses import without_secrets
from pipelines.config.nodes import Path
from pipelines.config.question import Question
from pipelines.config.reading import RESOLVERS

__all__ = ["public", "resolved"]

ADDRESSES = ("url", "uri")
"""Keys whose values are addresses."""

# Who signs in where is nobody else's business, also when it was written into the file itself.
PASSWORD = re.compile(r"://[^/@\s]*@")


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers = (
        RESOLVERS  # quotes exactly the texts that would be read as another type
    )

    def ignore_aliases(self, data: Any) -> bool:
        return True


def resolved(config: Question) -> str:
    """Write the configuration as YAML, every default included.

    Values from the environment appear as they were written (``${NAME}``). Loading the text again
    gives an equal configuration.
    """
    values = _masked(_values(config), (), config.secrets, "$${")
    text: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


def public(config: Question) -> dict[str, Any]:
    """Give the configuration as JSON-like values that may be logged and shown."""
    values: dict[str, Any] = _masked(_values(config), (), config.secrets, "${")
    return values


def _values(config: Question) -> dict[str, Any]:
    values = config.model_dump(mode="json", by_alias=True)
    values["sources"] = [_without_nulls(source) for source in values["sources"]]
    for candidate in values.get("candidates", ()):
        candidate["tune"] = _without_nulls(candidate["tune"])
    return values


def _without_nulls(value: Any) -> Any:
    """Leave out what is not stated, where that is most of it; `kind` comes first."""
    if isinstance(value, list):
        return [_without_nulls(below) for below in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: key != "kind")
    return {key: _without_nulls(value[key]) for key in keys if value[key] is not None}


def _masked(value: Any, path: Path, templates: Mapping[Path, str], mark: str) -> Any:
    """Put the templates in; `mark` is how the text ``${`` itself is written."""
    is_address = bool(path) and path[-1] in ADDRESSES
    if path in templates:
        return without_secrets(templates[path]) if is_address else templates[path]
    if isinstance(value, dict):
        return {key: _masked(below, (*path, key), templates, mark) for key, below in value.items()}
    if isinstance(value, list):
        return [
            _masked(below, (*path, place), templates, mark) for place, below in enumerate(value)
        ]
    if not isinstance(value, str):
        return value
    shown = without_secrets(value) if is_address else PASSWORD.sub("://***@", value)
    return shown.replace("${", mark)
