"""`lode findings`: what runs learned, judged by people and kept."""

import getpass
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lodeworks import ConfigError
from pipelines.cli import options
from pipelines.cli.output import show

if TYPE_CHECKING:
    from experiments.findings import Filter, FindingStore
    from experiments.findings.language import Language

__all__ = ["findings"]

DEFAULT = Path(".lode")
findings = typer.Typer(help="Look at, judge, compare and export what runs learned.")

Name = Annotated[
    str,
    typer.Argument(
        metavar="FINDING",
        help="Its id, the beginning of it, or the evidence_id of a list's row.",
        show_default=False,
    ),
]
LanguageName = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="en|zh",
        help="Language of the statements; default: LODE_LANGUAGE, else the newest run's.",
        show_default=False,
    ),
]
Kinds = Annotated[
    list[str],
    typer.Option("--kind", help="Only this kind; may be given several times.", show_default=False),
]
Statuses = Annotated[
    list[str],
    typer.Option("--status", help="Only this status; may be given several times."),
]
RunName = Annotated[
    str | None,
    typer.Option("--run", metavar="RUN", help="Only what this run found.", show_default=False),
]
Text = Annotated[
    str | None,
    typer.Option(
        "--item", metavar="TEXT", help="Only with this in a name or identifier.", show_default=False
    ),
]
MinMoney = Annotated[
    float | None, typer.Option(help="Only what brings at least this.", show_default=False)
]
Who = Annotated[
    str | None,
    typer.Option(help="Who decides; default: LODE_USER, else the user.", show_default=False),
]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for the history.")]
Version = Annotated[
    int | None,
    typer.Option(
        "--if-version",
        metavar="N",
        help="Only if it still has this version, as `show --json` gave it.",
        show_default=False,
    ),
]


@findings.command("list")
def list_findings(
    kind: Kinds = [],  # noqa: B006 (typer copies it)
    status: Statuses = [],  # noqa: B006
    run: RunName = None,
    item: Text = None,
    min_money: MinMoney = None,
    limit: Annotated[int, typer.Option(min=1, help="Most findings.")] = 50,
    language: LanguageName = None,
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """List findings, those that bring most money first."""
    from pipelines.findings.views import FindingList

    words, store = _words(language, workspace), _store(workspace)
    wanted = _filter(kind, status, run, item, min_money, limit)
    found = store.find(wanted)
    count = len(found) if len(found) < limit else store.count(wanted)
    show(FindingList(found, count, words), as_json=json)


@findings.command("show")
def show_finding(
    name: Name,
    run: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Whose evidence_id it is; default: the latest run's.",
            show_default=False,
        ),
    ] = None,
    language: LanguageName = None,
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Show one finding: statement, evidence, money, whom it touches, and its history."""
    from pipelines.findings.views import FindingPage

    words, store = _words(language, workspace), _store(workspace)
    found = store.get(name, run=run or "")
    show(FindingPage(found, *store.history(found.id), words), as_json=json)


def _decision(name: str, status: str, told: str) -> None:
    """Add the command that gives findings a status."""

    def decide(
        name: Name,
        because: Because = "",
        who: Who = None,
        if_version: Version = None,
        language: LanguageName = None,
        workspace: options.Workspace = None,
        json: options.Json = False,
        debug: options.Debug = False,
    ) -> None:
        from pipelines.findings.views import Decided

        words, store = _words(language, workspace), _store(workspace)
        found = store.change(name, status, who=_who(who), note=because, version=if_version)
        show(Decided(found, words), as_json=json)

    findings.command(name, help=told)(decide)


for _name, _status, _told in (
    ("accept", "accepted", "Accept a finding: later lists may be bound by it or rest on it."),
    ("reject", "rejected", "Reject a finding: it is not proposed again, and bounds later lists."),
    ("retire", "retired", "Retire a finding that has served its time."),
):
    _decision(_name, _status, _told)


@findings.command()
def note(
    name: Name,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note.", show_default=False)],
    who: Who = None,
    language: LanguageName = None,
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Write a note to a finding."""
    from pipelines.findings.views import Decided

    words = _words(language, workspace)
    show(Decided(_store(workspace).note(name, text, who=_who(who)), words), as_json=json)


@findings.command()
def diff(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="[RUN1 RUN2]", help="Default: the latest two.", show_default=False),
    ] = [],  # noqa: B006
    since: Annotated[
        date | None,
        typer.Option(
            metavar="DATE",
            parser=options.read_day,
            help="Instead of two runs: what changed since this day.",
            show_default=False,
        ),
    ] = None,
    language: LanguageName = None,
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Say what is new, gone, stronger, weaker or contradicted, each with a test behind it."""
    if len(runs) not in (0, 2) or (runs and since):
        raise ConfigError("give two runs, or --since DATE, or neither for the latest two runs")
    from pipelines.findings.differences import between_runs, since_day

    words, store = _words(language, workspace), _store(workspace)
    one, other = runs or (None, None)
    found = since_day(store, since, words) if since else between_runs(store, one, other, words)
    show(found, as_json=json)


@findings.command()
def export(
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="With all history: .json; a table: .csv.", show_default=False
        ),
    ],
    kind: Kinds = [],  # noqa: B006
    status: Statuses = [],  # noqa: B006
    run: RunName = None,
    item: Text = None,
    min_money: MinMoney = None,
    language: LanguageName = None,
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Write findings to a file for other programs."""
    from pipelines.findings.exporting import export as write

    words, wanted = _words(language, workspace), _filter(kind, status, run, item, min_money, None)
    show(write(_store(workspace), wanted, out, words), as_json=json)


@findings.command()
def repair(
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Save what can be read of a damaged file of findings; the damaged one is kept aside."""
    from experiments.findings.repair import repair as save

    path = _store(workspace).path
    if not path.is_file():
        raise ConfigError(f"there is no file {path}")
    show(save(path), as_json=json)


def _store(workspace: Path | None) -> "FindingStore":
    from pipelines.findings.place import store_of

    return store_of(workspace or DEFAULT)


def _words(language: str | None, workspace: Path | None) -> "Language":
    from pipelines.findings.wording import words_of

    return words_of(workspace or DEFAULT, language)


def _filter(
    kind: list[str],
    status: list[str],
    run: str | None,
    item: str | None,
    min_money: float | None,
    limit: int | None,
) -> "Filter":
    from experiments.findings import Filter

    return Filter(
        kinds=tuple(kind),
        statuses=tuple(status),
        run=run or "",
        text=item or "",
        min_money=min_money,
        limit=limit,
    )


def _who(stated: str | None) -> str:
    return stated or os.environ.get("LODE_USER") or getpass.getuser()
