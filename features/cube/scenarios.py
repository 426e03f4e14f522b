"""What if: supposed changes read from text, and the factors that bring them about."""

import re
from collections.abc import Callable

from features.cube.conditions import Condition, as_condition, read_condition
from features.cube.declaration import Change, Scenario
from features.cube.query import Factor
from lodeworks.errors import ConfigError

__all__ = ["factors_of", "read_scenario"]

_CHANGE = re.compile(
    r"^(?P<measures>[A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)*)\s*"
    r"(?:(?P<sign>\*|=|share\s)\s*(?P<number>[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<percent>[-+]\s*[0-9.]+)\s*%)$"
)
_FORM = (
    "'NAME: sales * 1.1 where product.family=Drink'; instead of '* 1.1' also '+10%', "
    "'= 5000' (new total) or 'share 0.3' (of the whole)"
)

Conditions = tuple[tuple[str, Condition], ...]


def read_scenario(text: str) -> Scenario:
    """Read a scenario from text.

    Parameters
    ----------
    text : str
        A name, a colon, and changes between semicolons. A change names measures, says how they
        change, and for which members.

    Raises
    ------
    ConfigError
        When it cannot be read.

    Examples
    --------
    >>> read_scenario("dearer: store_sales +5% where product.family=Drink").changes[0].scale
    1.05
    """
    name, colon, rest = text.partition(":")
    if not colon or not name.strip() or not rest.strip():
        raise ConfigError(f"{text!r} is not a scenario such as {_FORM}")
    changes = tuple(_change(part.strip()) for part in _outside_quotes(";", rest) if part.strip())
    return Scenario(name=name.strip(), changes=changes)


def _change(text: str) -> Change:
    head, *tail = _outside_quotes(r"\swhere\s", text)
    found = _CHANGE.match(head.strip())
    if found is None or len(tail) > 1:
        raise ConfigError(f"{text!r} is not a change such as {_FORM}")
    where: dict[str, Condition] = {}
    for condition in _outside_quotes(r"\sand\s", tail[0]) if tail else []:
        key, asked = read_condition(condition.strip())
        if key in where:
            raise ConfigError(f"{text!r}: {key} is asked twice; members go between commas")
        where[key] = asked
    measures = tuple(part.strip() for part in found["measures"].split(","))
    try:
        way = _way(found)
        return Change(measures=measures, where=where, **way)
    except ValueError as error:
        raise ConfigError(f"{text!r}: the number cannot be used") from error


def _way(found: re.Match[str]) -> dict[str, float]:
    if found["percent"] is not None:
        return {"scale": round(1 + float(found["percent"].replace(" ", "")) / 100, 12)}
    ways = {"*": "scale", "=": "replace", "share": "share"}
    return {ways[found["sign"].strip()]: float(found["number"])}


def _outside_quotes(pattern: str, text: str) -> list[str]:
    """Split where a pattern occurs outside double quotes."""
    parts, start = [], 0
    for match in re.finditer(rf'"[^"]*"|({pattern})', text):
        if match[1] is not None:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def factors_of(
    scenario: Scenario,
    total: Callable[[str, Conditions], float],
    checked: Callable[[str, Condition], tuple[str, Condition]],
) -> tuple[Factor, ...]:
    """Give the factors of a scenario.

    Parameters
    ----------
    scenario : Scenario
    total : callable
        Gives the total of a measure under conditions, over the whole cube.
    checked : callable
        Gives a level and a condition whose members exist.

    Raises
    ------
    ConfigError
        When there is nothing that a new total or share could be spread over.
    """
    factors = []
    for change in scenario.changes:
        where = tuple(checked(key, as_condition(given)) for key, given in change.where.items())
        if change.scale is not None:
            factors.append(Factor(change.measures, where, change.scale))
            continue
        factors += [_spread(name, where, change, total) for name in change.measures]
    return tuple(factors)


def _spread(
    name: str, where: Conditions, change: Change, total: Callable[[str, Conditions], float]
) -> Factor:
    chosen = total(name, where)
    if not chosen:
        raise ConfigError(f"what if: the chosen members have no {name} to spread a total over")
    if change.replace is not None:
        return Factor((name,), where, change.replace / chosen)
    assert change.share is not None
    whole = total(name, ())
    rest = whole - chosen
    if not rest:
        raise ConfigError(f"what if: the chosen members have all of {name}; nothing gives way")
    others = (1 - change.share) * whole / rest
    return Factor((name,), where, change.share * whole / chosen, others)
