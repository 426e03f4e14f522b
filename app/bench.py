"""What every page has at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from app.audit import AuditLog
from app.readers.cubes import CubeShelf
from app.readers.findings import FindingShelf
from app.readers.runs import RunStore
from app.security import session_of
from app.settings import Settings
from app.templating import templates
from pipelines.workspace import Workspace

__all__ = ["Bench", "bench_of", "page"]

PAGES = (
    ("/", "Runs"),
    ("/explore", "Explore"),
    ("/rules", "Rules"),
    ("/segments", "Segments"),
    ("/tree", "Tree"),
    ("/customer", "Customer"),
    ("/lists", "Lists"),
    ("/findings", "Findings"),
    ("/data", "Data"),
)


@dataclass(frozen=True)
class Bench:
    """The workspace, as the pages read it.

    Attributes
    ----------
    settings : Settings
    workspace : Workspace
    runs : RunStore
    cubes : CubeShelf
    findings : FindingShelf
    audit : AuditLog
    """

    settings: Settings
    workspace: Workspace
    runs: RunStore
    cubes: CubeShelf
    findings: FindingShelf
    audit: AuditLog

    @classmethod
    def over(cls, settings: Settings) -> "Bench":
        """Open a workspace; nothing is read yet."""
        workspace = Workspace(settings.workspace)
        return cls(
            settings=settings,
            workspace=workspace,
            runs=RunStore(workspace.runs),
            cubes=CubeShelf(workspace.warehouse, settings.cubes),
            findings=FindingShelf(settings.workspace),
            audit=AuditLog(settings.workspace),
        )


def bench_of(request: Request) -> Bench:
    """Give what the pages have at hand."""
    bench: Bench = request.app.state.bench
    return bench


def page(request: Request, template: str, *, code: int = 200, **told: Any) -> HTMLResponse:
    """Write a page.

    Parameters
    ----------
    request : Request
    template : str
        Its file.
    code : int
        Of HTTP.
    **told
        What the template says.
    """
    text = templates().get_template(template).render(**_common(request), **told)
    return HTMLResponse(text, code)


def _common(request: Request) -> Mapping[str, Any]:
    session = getattr(request.state, "session", None)
    settings = bench_of(request).settings
    return {
        "pages": PAGES,
        "here": request.url.path,
        "workspace": settings.workspace.resolve().name,
        "session": session and session_of(request),
        "signs_in": bool(settings.people),
        "query": request.query_params,
    }
