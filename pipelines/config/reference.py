"""The configuration reference as Markdown, made from the schema."""

import json
import re
from collections.abc import Iterator
from typing import Any

from pipelines.config.kinds import KINDS
from pipelines.config.schema import schema

__all__ = ["reference"]

OPENING = """\
# Configuration reference

One YAML file says what is asked, where the data are, and what may be done. This page is made by
`lode schema --markdown`; `lode schema` prints the same as JSON Schema, which editors use for
completion. `lode check CONFIG` checks a file and prints it with every default filled in.

## How a file is read

1. **`extends:`** names one file or a list, relative to the file that states it. Mappings merge;
   lists and single values replace. Later files win over earlier ones, the file itself over all.
2. **`--set key.path=value`** changes single values; the value is YAML. Numbers address entries of
   lists: `--set candidates.0.params.days=30`. The number after the last entry appends one.
3. **`${NAME}`** in a text is replaced from the environment, `${NAME:-default}` when it may be
   unset; `$${` stands for `${` itself. Such values are never shown: reports and logs keep
   `${NAME}`. Nothing else in a file is evaluated.
4. Everything is checked; all problems are reported at once, with file, line and nearest valid name.

YAML is read in its plain form: `yes`, `no`, `on`, `off` and numbers with leading zeros (`007`) are
text, `1e5` is a number, `2011-11-08` is a date. A key stated twice is refused.

**Paths** of data files are relative to the file that states them (on the command line: to the
current folder); `workspace` is relative to the current folder. **Days** are whole numbers or text:
`30`, `30d`, `12w`, `2y` (a year is 365 days). **Times** likewise: `90`, `90s`, `2m`, `1h`.
"""


def reference() -> str:
    """Write the reference: one table a section, then the parameters of each kind of candidate."""
    parts, told = [OPENING], set[str]()
    for kind in KINDS:
        whole = schema(kind)
        parts += _section(f"Kind `{kind}`", whole)
        fresh = [name for name in _in_order(whole, whole["$defs"]) if name not in told]
        told.update(fresh)
        for name in fresh:
            parts += _section(name, whole["$defs"][name])
        if "Candidate" in fresh:
            parts += _candidates(whole["$defs"]["Candidate"]["allOf"])
    return "\n".join(parts).rstrip() + "\n"


def _in_order(part: Any, sections: dict[str, Any]) -> list[str]:
    """Name the sections in the order in which the file comes to them."""
    found: dict[str, None] = {}
    for name in re.findall(r"#/\$defs/(\w+)", json.dumps(part.get("properties", part))):
        found[name] = None
        found |= dict.fromkeys(_in_order(sections[name], sections))
    return list(found)


def _section(title: str, part: dict[str, Any]) -> Iterator[str]:
    yield f"## {title}\n\n{part['description']}\n"
    yield from _table(part["properties"], set(part.get("required", ())))


def _candidates(branches: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Parameters of candidates\n"
    for branch in branches:
        kind = branch["if"]["properties"]["kind"]["const"]
        params = branch["then"]["properties"]["params"]["properties"]
        yield f"### `{kind}`\n"
        if params:
            yield from _table(params, set())
        else:
            yield "No parameters.\n"


def _table(properties: dict[str, Any], required: set[str]) -> Iterator[str]:
    yield "| key | value | default | meaning |\n|---|---|---|---|"
    for key, value in properties.items():
        cells = (f"`{key}`", _kind(value), _default(value, key in required), value["description"])
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _kind(value: dict[str, Any]) -> str:
    """Say in a few words what may stand there."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in value or "enum" in value:
        return " or ".join(f"`{each}`" for each in value.get("enum", [value.get("const")]))
    several = value.get("anyOf") or value.get("oneOf")
    if several:
        return " or ".join(dict.fromkeys(_kind(each) for each in several))
    return _plain_kind(value)


def _plain_kind(value: dict[str, Any]) -> str:
    kind = value.get("type", "")
    if isinstance(kind, list):
        return " or ".join(WORDS[each] for each in kind)
    if kind == "array":
        return f"list of {_kind(value.get('items', {}))}"
    if kind == "object" and isinstance(value.get("additionalProperties"), dict):
        return f"mapping to {_kind(value['additionalProperties'])}"
    word: str = WORDS.get(value.get("format", kind), kind)
    return word + _limits(value)


WORDS = {
    "array": "list",
    "boolean": "true or false",
    "date": "date",
    "integer": "whole number",
    "null": "null",
    "number": "number",
    "object": "mapping",
    "string": "text",
}
LIMITS = (
    ("minimum", "≥"),
    ("exclusiveMinimum", ">"),
    ("maximum", "≤"),
    ("exclusiveMaximum", "<"),
)


def _limits(value: dict[str, Any]) -> str:
    found = [f"{sign} {value[key]}" for key, sign in LIMITS if key in value]
    return f" {', '.join(found)}" if found else ""


def _default(value: dict[str, Any], required: bool) -> str:
    if required:
        return "**required**"
    if "default" not in value:
        return ""
    default = value["default"]
    if isinstance(default, dict):
        return "see there"
    return f"`{json.dumps(default, ensure_ascii=False)}`"
