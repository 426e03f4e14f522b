"""Time zones: names, SQL that moves a timestamp between them, and zones that do not agree."""

import difflib
from collections.abc import Sequence
from functools import cache
from typing import Protocol
from zoneinfo import available_timezones

from features.sources.sql import literal

__all__ = ["local_time", "moment", "zone_problem", "zone_problems"]

# 10:05:03+02:00, 10:05:03 +0200, 10:05Z, 10:05 Europe/Madrid
_OFFSET = r"[0-9]:[0-9.:]+ ?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?|[A-Za-z_]+(/[A-Za-z_]+)*)$"
_LOOSE_OFFSET = r" ?([+-][0-9]{2}):?([0-9]{2})$"


class _Zoned(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def timezone(self) -> str | None: ...


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_problem(name: str) -> str | None:
    """Say what is wrong with the name of a time zone; None when nothing is.

    Examples
    --------
    >>> zone_problem("Europe/Lodnon")
    "'Europe/Lodnon' is no time zone; did you mean 'Europe/London'?"
    """
    names = _names()
    if name in names or not names:  # a machine without the list cannot tell
        return None
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else "write an IANA name such as 'Europe/London'"
    return f"{name!r} is no time zone; {hint}"


def zone_problems(sources: Sequence[_Zoned], zone: str | None = None) -> list[str]:
    """Say when sources are in different zones and nothing says in which to store them.

    Parameters
    ----------
    sources : sequence of SourceBase
        What feeds one warehouse.
    zone : str, optional
        The zone of the warehouse.

    Returns
    -------
    list of str
        One problem that names every source, or none.
    """
    stated = {source.name: source.timezone for source in sources if source.timezone}
    if zone is not None or len(set(stated.values())) < 2:
        return []
    given = ", ".join(f"{name!r} in {where}" for name, where in stated.items())
    return [f"the sources are in different time zones ({given}): state the warehouse's timezone"]


def moment(value: str, local: str, target: str | None) -> str:
    """Give SQL for a text that may hold its own offset from UTC.

    Parameters
    ----------
    value : str
        SQL of the text.
    local : str
        SQL of the timestamp that a text without an offset means, in the target zone.
    target : str, optional
        The zone of the result; without one an offset is left aside and the text stands.
    """
    if target is None:
        return local
    plain = f"regexp_replace({value}, {literal(_LOOSE_OFFSET)}, '\\1:\\2')"
    instant = f"timezone({literal(target)}, TRY_CAST({plain} AS TIMESTAMPTZ))"
    return f"CASE WHEN regexp_matches({value}, {literal(_OFFSET)}) THEN {instant} ELSE {local} END"


def local_time(stamp: str, zone: str | None, target: str | None) -> str:
    """Give SQL that moves a timestamp without zone from `zone` to `target`.

    Of a time that stands twice on the clock (in autumn) the later is meant. A time that the clock
    leaves out (in spring) is null.
    """
    if zone is None:
        return stamp
    instant = f"timezone({literal(zone)}, {stamp})"
    exists = f"timezone({literal(zone)}, {instant}) = {stamp}"
    moved = f"timezone({literal(target or zone)}, {instant})"
    return f"CASE WHEN {exists} THEN {moved} END"
