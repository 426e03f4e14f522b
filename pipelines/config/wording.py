"""What the validation found, in the words of the person who wrote the configuration."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lodeworks.errors import did_you_mean
from pipelines.config.nodes import Node, Path, descend
from pipelines.config.problems import Problem
from pipelines.config.shapes import keys_at, kinds_at

__all__ = ["problems_of", "shown"]

NEEDED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_attributes_type": "a mapping",
    "model_type": "a mapping",
    "string_type": "text",
    "tuple_type": "a list",
    "greater_than": "a value above {gt:g}",
    "greater_than_equal": "a value of at least {ge:g}",
    "less_than": "a value below {lt:g}",
    "less_than_equal": "a value of at most {le:g}",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "text of at most {max_length} letters",
    "string_too_short": "text of at least {min_length} letters",
    "too_short": "a list of at least {min_length}",
}

# Forms in words: a regular expression helps nobody who writes a configuration.
FORMS = {
    r"^[A-Z]{3}$": "a code of three capital letters such as GBP",
    r"^own:\w+$": "a table of your own such as own:customers",
    r"^[A-Za-z0-9][A-Za-z0-9_.-]*$": "a name of letters, digits, '.', '_' and '-'",
    r"^(profit|(recall|precision|ndcg|hit)@[1-9][0-9]*)$": (
        "profit, or recall, precision, ndcg or hit at a depth such as recall@10,"
    ),
}


def problems_of(
    error: ValidationError,
    model: type[BaseModel],
    tree: Node,
    templates: Mapping[Path, str],
) -> list[Problem]:
    """Turn a validation error into problems with places.

    Parameters
    ----------
    error : ValidationError
        What pydantic raised.
    model : type of BaseModel
        The model that was validated; the nearest allowed names are read from it.
    tree : Node
        The configuration, with places.
    templates : mapping of Path to str
        Values taken from the environment; they are shown as they were written, never as they are.
    """
    found: dict[Path, list[ErrorDetails]] = defaultdict(list)
    for details in error.errors(include_url=False):
        if not _is_echo(details):
            found[_path(details, tree)].append(details)
    problems = []
    for path, many in found.items():
        text = _wording(many, model, shown(many[0]["input"]))
        text = _masked(text, path, tree, templates)
        problems.append(Problem(descend(tree, path).place, path, text))
    return problems


def _is_echo(details: ErrorDetails) -> bool:
    """Tell a list that is short only because its entries were refused."""
    if details["type"] != "too_short" or not isinstance(details["input"], list | tuple):
        return False
    return bool(len(details["input"]) >= details["ctx"]["min_length"])


def _path(details: ErrorDetails, tree: Node) -> Path:
    """Leave out of the location what the file does not have: tags of unions and short forms."""
    path: list[str | int] = []
    node = tree
    for part in details["loc"]:
        below = descend(node, (part,))
        if below is not node:
            path.append(part)
            node = below
    if details["type"] == "missing":
        path.append(details["loc"][-1])
    if details["type"].startswith("union_tag"):
        path.append("kind")
    return tuple(path)


def _wording(many: list[ErrorDetails], model: type[BaseModel], given: str) -> str:
    """Say in one sentence what is wrong with one value."""
    needed = [_needed(details) for details in many]
    if all(needed):
        return f"given {given}; {' or '.join(dict.fromkeys(needed))} is needed"
    return "; ".join(dict.fromkeys(_sentence(details, model, given) for details in many))


def _needed(details: ErrorDetails) -> str:
    form = FORMS.get(str(details.get("ctx", {}).get("pattern")))
    return form or NEEDED.get(details["type"], "").format(**details.get("ctx", {}))


def _sentence(details: ErrorDetails, model: type[BaseModel], given: str) -> str:
    kind, loc, context = details["type"], details["loc"], details.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return f"unknown key; {did_you_mean(str(loc[-1]), keys_at(model, loc[:-1]))}"
    if kind == "union_tag_not_found":
        return f"is missing; allowed: {', '.join(kinds_at(model, loc))}"
    if kind == "union_tag_invalid":
        return f"given {context['tag']!r}; {did_you_mean(context['tag'], kinds_at(model, loc))}"
    if kind == "literal_error":
        return f"given {given}; {did_you_mean(given.strip(QUOTE), _quoted(context['expected']))}"
    if kind == "value_error":
        return _given_first(str(context.get("error", details["msg"])), given)
    return f"given {given}; {_needed(details) or details['msg']}"


QUOTE = "'"


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


def _given_first(text: str, given: str) -> str:
    """Say what was given where the sentence only says what is needed."""
    return f"given {given}; {text}" if text.endswith("is needed") or "is needed, " in text else text


def shown(value: Any) -> str:
    """Show a value that was given, shortly."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _masked(text: str, path: Path, tree: Node, templates: Mapping[Path, str]) -> str:
    """Put the text as it was written in place of what came from the environment."""
    for place, template in templates.items():
        value = descend(tree, place).value
        if place[: len(path)] == path and value:
            text = text.replace(repr(value)[1:-1], template).replace(str(value), template)
            text = text.replace(shown(value), repr(template))
    return text
