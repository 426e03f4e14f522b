"""The job of `lode web`: from access logs to sessions, ways, visitors and a summary."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError, DataError
from lodeworks.files import file_digest, new_folder
from lodeworks.progress import Progress
from lodeworks.spreadsheet import FORMULA_STARTS
from pipelines.manifest import Manifest
from pipelines.tables import foreign_content
from pipelines.web_summary import WebSummary, summarise

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from features.web import WebUsage
    from features.web.visitors import VisitorBy

__all__ = ["FILES", "WebTask", "web"]

FILES = (
    "sessions.parquet",
    "visitors.parquet",
    "views.parquet",
    "transitions.csv",
    "funnel.csv",
    "rejected.csv",
    "manifest.json",
)
"""What a folder of web usage may hold."""


@dataclass(frozen=True)
class WebTask:
    """What to do with the logs.

    Attributes
    ----------
    logs : sequence of Path
        Access logs.
    out : Path, optional
        The folder to write; default: none.
    inactivity : datetime.timedelta
        Longest pause within a session.
    visitor_by : {'agent', 'user'}
        What makes a visitor.
    pages_a_minute : int
        More pages than these within a minute are a robot's.
    steps : mapping of str to str
        Steps of a funnel and the patterns of their pages.
    orders : Path, optional
        A table with ``customer_id`` and ``ordered_at``.
    workspace : Path, optional
        Its warehouse knows which users opted out or did not consent; they are left out.
    top : int
        Pages and ways in the summary.
    """

    logs: Sequence[Path]
    out: Path | None = None
    inactivity: timedelta = timedelta(minutes=30)
    visitor_by: "VisitorBy" = "agent"
    pages_a_minute: int = 30
    steps: Mapping[str, str] = field(default_factory=dict)
    orders: Path | None = None
    workspace: Path | None = None
    top: int = 10

    def problems(self) -> list[str]:
        """Say what is wrong with the settings, before anything is read."""
        return [*self._number_problems(), *self._step_problems(), *foreign_content(self.out, FILES)]

    def _number_problems(self) -> list[str]:
        problems = []
        if self.inactivity < timedelta(seconds=1):
            problems.append("--inactivity must be at least 1 second")
        if self.pages_a_minute < 1:
            problems.append(f"--pages-a-minute must be at least 1, not {self.pages_a_minute}")
        if self.top < 0:
            problems.append(f"--top must be at least 0, not {self.top}")
        return problems

    def _step_problems(self) -> list[str]:
        taken = sorted({"visit", "order", "visitor_id", "at", "number"} & {*self.steps})
        problems = [f"--step {name}: the name is taken; choose another" for name in taken]
        for name, pattern in self.steps.items():
            wrong = _pattern_problem(pattern)
            if wrong:
                problems.append(f"--step {name}={pattern}: not a regular expression: {wrong}")
        if self.orders is not None and self.visitor_by != "user":
            problems.append(
                "--orders needs --visitor-by user: only users of the log can be joined with orders"
            )
        if self.workspace is not None and self.visitor_by != "user":
            problems.append(
                "--workspace needs --visitor-by user: who refused is known by user of the log"
            )
        return problems


def web(task: WebTask, progress: Progress) -> WebSummary:
    """Work up access logs; the folder appears whole or not at all.

    Returns
    -------
    WebSummary
        Counts, and the most frequent pages and ways of people; no address and no user.

    Raises
    ------
    ConfigError
        When the settings are wrong; all of them at once.
    DataError
        When a file cannot be used.
    BudgetExceeded
        When the memory does not suffice.
    """
    if problems := task.problems():
        raise ConfigError("the command cannot be run", problems)
    from features.web import WebUsage

    manifest = Manifest("web")
    with WebUsage.open(
        task.logs,
        inactivity=task.inactivity,
        visitor_by=task.visitor_by,
        pages_a_minute=task.pages_a_minute,
        key=_key(progress),
        progress=progress,
    ) as usage:
        _refuse_without_requests(usage, task)
        left_out = _leave_out_refused(usage, task)
        steps = _funnel(usage, task, progress)
        summary = summarise(usage, steps, task.top, task.out, left_out)
        if task.out is not None:
            manifest.add(settings=_settings(task), summary=summary.to_dict())
            manifest.add(logs={str(path): file_digest(path) for path in task.logs})
            _write(usage, steps, task.out, manifest)
    return summary


def _key(progress: Progress) -> bytes | None:
    import os

    from features.privacy.pseudonym import KEY_VARIABLE, key_from_environment

    if os.environ.get(KEY_VARIABLE):
        return key_from_environment()
    progress.note(
        f"visitors are numbered, and the numbers mean nothing in another log; with {KEY_VARIABLE} "
        "set they are keyed hashes, the same in every log"
    )
    return None


def _refuse_without_requests(usage: "WebUsage", task: WebTask) -> None:
    if usage.hits.count().execute() == 0:
        named = ", ".join(map(str, task.logs))
        raise DataError(f"{named}: none of {usage.lines:,} lines is a request")


def _leave_out_refused(usage: "WebUsage", task: WebTask) -> int | None:
    if task.workspace is None:
        return None
    from pipelines.refusals import Refusals

    refused = Refusals.of(task.workspace).among_named(usage.users)
    usage.leave_out(refused)
    return len(refused)


def _funnel(usage: "WebUsage", task: WebTask, progress: Progress) -> "ir.Table | None":
    if not task.steps and task.orders is None:
        return None
    import ibis

    from features.web import funnel, reached

    views = usage.views.filter(~usage.views.is_robot)
    orders = None
    if task.orders is not None:
        columns = {
            "customer_id": {"from": "customer_id", "required": True},
            "ordered_at": {"from": "ordered_at", "type": "timestamp", "required": True},
        }
        from pipelines.tables import read_table

        table, rejected = read_table(task.orders, columns)
        if rejected:
            progress.note(f"{task.orders}: {rejected:,} rows without customer or time left out")
        orders = ibis.memtable(table)
    return funnel(reached(views, task.steps, orders=orders))


def _write(usage: "WebUsage", steps: "ir.Table | None", out: Path, manifest: Manifest) -> None:
    import ibis

    from features.web import transitions

    people = usage.views.filter(~usage.views.is_robot)
    views = people.select("session_id", "position", "visitor_id", "at", "page")
    ways = transitions(people)
    most = [ibis.desc("steps"), "from_page", "to_page"]
    with new_folder(out) as aside:
        usage.sessions.order_by("started_at", "session_id").to_parquet(aside / FILES[0])
        _visitors(usage).order_by("visitor").drop("visitor").to_parquet(aside / FILES[1])
        views.order_by("session_id", "position").to_parquet(aside / FILES[2])
        _neutral(ways).order_by(most).to_csv(aside / FILES[3])
        if steps is not None:
            _neutral(steps).to_csv(aside / FILES[4])
        _neutral(usage.rejected).order_by("file", "line").to_csv(aside / FILES[5])
        manifest.write(aside / FILES[6])


def _neutral(table: "ir.Table") -> "ir.Table":
    """Keep a spreadsheet from running text of the logs as a formula."""
    import ibis

    texts = [name for name, kind in table.schema().items() if kind.is_string()]
    starts = list(FORMULA_STARTS)
    return table.mutate(
        **{
            name: ibis.ifelse(
                table[name].left(1).isin(starts), ibis.literal("'") + table[name], table[name]
            )
            for name in texts
        }
    )


def _visitors(usage: "WebUsage") -> "ir.Table":
    from features.web import behaviour

    last = usage.hits["at"].max().execute().date()
    figures = behaviour(usage.sessions, last).rename({"other": "visitor_id"})
    joined = usage.visitors.left_join(figures, usage.visitors.visitor_id == figures.other)
    return joined.drop("other")


def _settings(task: WebTask) -> dict[str, Any]:
    return {
        "inactivity_seconds": int(task.inactivity.total_seconds()),
        "visitor_by": task.visitor_by,
        "pages_a_minute": task.pages_a_minute,
        "steps": dict(task.steps),
        "orders": None if task.orders is None else str(task.orders),
    }


def _pattern_problem(pattern: str) -> str | None:
    """Ask the engine that will look for it."""
    import duckdb

    try:
        re.compile(pattern)
        with duckdb.connect() as connection:
            connection.execute("SELECT regexp_matches('', ?)", [pattern])
    except re.error as error:
        return str(error)
    except duckdb.Error as error:
        return str(error).splitlines()[0].partition(": ")[2]
    return None
