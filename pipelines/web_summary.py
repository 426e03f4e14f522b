"""What a log tells at a glance: counts and the commonest pages, never who looked."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.mining.wording import many

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from features.web import WebUsage

__all__ = ["WebSummary", "summarise"]


@dataclass(frozen=True)
class WebSummary:
    """The figures of web usage.

    Attributes
    ----------
    values : dict
        The object of ``--json``.
    """

    values: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Give the object of ``--json``."""
        return self.values

    def text(self) -> str:
        """Give it for a person."""
        parts = [self._counts(), self._visits(), *self._tables(), *self._folder()]
        return "\n".join(parts)

    def _counts(self) -> str:
        kinds, visitors = self.values["requests"], self.values["visitors"]
        signs = [f"{number:,} by {sign}" for sign, number in visitors["robots_by"].items()]
        status = [f"{code}: {number:,}" for code, number in self.values["status"].items()]
        return "\n".join(
            [
                f"{self.values['lines']:,} lines, {self.values['rejected']:,} rejected",
                f"  from {self.values['first']} to {self.values['last']} (UTC)",
                f"  requests: {kinds['page']:,} for pages, {kinds['asset']:,} for parts of pages, "
                f"{kinds['failed']:,} failed, {kinds['other']:,} other",
                f"  status {'; '.join(status)}",
                f"{many(visitors['people'], 'visitor', 'visitors')} and "
                f"{many(visitors['robots'], 'robot', 'robots')}"
                + (f" ({', '.join(signs)})" if signs else ""),
                *self._left_out(),
            ]
        )

    def _left_out(self) -> list[str]:
        found = self.values["left_out"]
        if found is None:
            return []
        return [f"{many(found, 'user', 'users')} left out who opted out or did not consent"]

    def _visits(self) -> str:
        visits = self.values["sessions"]
        if not visits["sessions"]:
            return "no sessions of people"
        return (
            f"{many(visits['sessions'], 'session', 'sessions')} of people: "
            f"{visits['pages_mean']:.2f} pages (median {visits['pages_median']:g}), "
            f"{visits['minutes_mean']:.1f} minutes (median {visits['minutes_median']:.1f}), "
            f"{visits['bounce_share']:.1%} with one page"
        )

    def _tables(self) -> list[str]:
        words = {"entry_pages": "begin on", "exit_pages": "end on"}
        tables = [
            _listed(f"sessions {word}", [(row["page"], row["sessions"]) for row in rows])
            for name, word in words.items()
            if (rows := self.values[name])
        ]
        ways = [(" > ".join(row["path"]), row["sessions"]) for row in self.values["paths"]]
        steps = [(_step(row), row["reached"]) for row in self.values["funnel"]]
        named = (("sessions with the way", ways), ("visitors who came to", steps))
        return [*tables, *(_listed(title, rows) for title, rows in named if rows)]

    def _folder(self) -> list[str]:
        return [f"written to {self.values['out']}"] if self.values["out"] else []


def summarise(
    usage: "WebUsage",
    steps: "ir.Table | None",
    top: int,
    out: Path | None,
    left_out: int | None = None,
) -> WebSummary:
    """Count what the logs hold.

    Parameters
    ----------
    usage : WebUsage
        The logs, worked up.
    steps : ibis Table, optional
        What `features.web.funnel` gave.
    top : int
        Pages and ways.
    out : Path, optional
        The folder that is written.
    left_out : int, optional
        Users who were left out because they refused; None when nobody asked.
    """
    hits = usage.hits
    moments = hits.aggregate(first=hits["at"].min(), last=hits["at"].max()).execute()
    rejected = usage.rejected.count().execute()
    people = usage.sessions.filter(~usage.sessions.is_robot)
    return WebSummary(
        {
            "lines": usage.lines,
            "rejected": int(rejected),
            "first": moments["first"][0].isoformat(),
            "last": moments["last"][0].isoformat(),
            "requests": _kinds(hits),
            "status": _by_status(hits),
            "left_out": left_out,
            "visitors": _visitors(usage.visitors),
            "sessions": _sessions(people),
            "entry_pages": _pages(people, "entry_page", top),
            "exit_pages": _pages(people, "exit_page", top),
            "paths": _paths(usage, top),
            "funnel": [] if steps is None else _records(steps),
            "out": None if out is None else str(out),
        }
    )


def _kinds(hits: "ir.Table") -> dict[str, int]:
    from features.web import KINDS

    found = _counts(hits, "kind")
    return {kind: found.get(kind, 0) for kind in KINDS}


def _by_status(hits: "ir.Table") -> dict[str, int]:
    known = _counts(hits.filter(hits.status.notnull()), "status")
    return {str(code): known[code] for code in sorted(known, key=lambda code: (-known[code], code))}


def _counts(table: "ir.Table", column: str) -> dict[Any, int]:
    counted = table.group_by(column).aggregate(number=table.count()).execute()
    return {
        value: int(number) for value, number in zip(counted[column], counted["number"], strict=True)
    }


def _visitors(visitors: "ir.Table") -> dict[str, Any]:
    robots = _counts(visitors.filter(visitors.is_robot), "robot_by")
    total = int(visitors.count().execute())
    by = {sign: robots[sign] for sign in sorted(robots)}
    return {"people": total - sum(by.values()), "robots": sum(by.values()), "robots_by": by}


def _sessions(people: "ir.Table") -> dict[str, Any]:
    minutes = people.ended_at.delta(people.started_at, unit="second") / 60
    figures = people.aggregate(
        sessions=people.count(),
        pages=people.pages.sum().fill_null(0),
        pages_mean=people.pages.mean(),
        pages_median=people.pages.median(),
        minutes_mean=minutes.mean(),
        minutes_median=minutes.median(),
        bounce_share=(people.pages == 1).mean(),
    )
    found: dict[str, Any] = figures.to_pyarrow().to_pylist()[0]
    return found


def _pages(people: "ir.Table", column: str, top: int) -> list[dict[str, Any]]:
    import ibis

    counted = people.group_by(page=people[column]).aggregate(sessions=people.count())
    return _records(counted.order_by([ibis.desc("sessions"), "page"]).limit(top))


def _paths(usage: "WebUsage", top: int) -> list[dict[str, Any]]:
    """Give ways of two pages or more that at least two sessions took."""
    from features.web import paths

    views = usage.views.filter(~usage.views.is_robot)
    found = paths(views, length=2)
    return _records(found.filter(found.sessions > 1).limit(top))


def _records(table: "ir.Table") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return found


def _step(row: dict[str, Any]) -> str:
    former = row["of_former"]
    return row["step"] if former is None else f"{row['step']} ({former:.1%} of the step before)"


def _listed(title: str, rows: list[tuple[str, int]]) -> str:
    return "\n".join([f"{title}:", *(f"  {number:>9,}  {name}" for name, number in rows)])
