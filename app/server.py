"""The application: its pages, its files, and what is said when something fails."""

import logging
from importlib import import_module, resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteError
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from app.bench import Bench, page
from app.readers.runs import Gone
from app.security import Guard
from app.settings import Settings
from experiments.findings import ChangedMeanwhile
from lodeworks.errors import ConfigError, LodeError

__all__ = ["create_app"]

PAGES = (
    "sign_in",
    "runs",
    "compare",
    "explore",
    "rules",
    "segments",
    "tree",
    "customer",
    "lists",
    "findings",
    "data",
)
HEADINGS = {
    400: "That cannot be asked",
    403: "Not for this role",
    404: "Nothing is there",
    405: "That cannot be done here",
    409: "Somebody else was quicker",
    503: "That cannot be done now",
}
CODES: dict[type[LodeError], int] = {Gone: 404, ChangedMeanwhile: 409, ConfigError: 400}
# Addresses name customers: they are told to no collector, whatever the environment says.
SILENT: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
log = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """Make the application over a workspace.

    Parameters
    ----------
    settings : Settings
        What to show, and to whom.

    Returns
    -------
    FastAPI
        It has no schema and no pages of its own about itself: those would ask other machines.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry=SILENT)
    app.state.bench = Bench.over(settings)
    app.state.guard = Guard(settings)
    for name in PAGES:
        app.include_router(import_module(f"app.pages.{name}").router)
    app.add_api_route("/static/report.css", _report_style)
    app.mount("/static", StaticFiles(directory=Path(str(resources.files("app") / "static"))))
    app.middleware("http")(app.state.guard)
    app.add_exception_handler(StarletteError, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(LodeError, _failed)
    app.add_exception_handler(Exception, _unexpected)
    return app


def _report_style() -> Response:
    """Give the style of the report, so that the pages look like it."""
    file = resources.files("experiments.report") / "templates" / "style.css"
    return Response(file.read_text(encoding="utf-8"), media_type="text/css")


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteError)
    told = str(error.detail) if isinstance(error, HTTPException) else "There is no such page."
    return _said(request, error.status_code, told)


def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [f"{one['loc'][-1]}: {one['msg']}" for one in error.errors()]
    return _said(request, 400, "The address cannot be read.", wrong)


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, LodeError)
    status = next((code for kind, code in CODES.items() if isinstance(error, kind)), 503)
    return _said(request, status, error.message, list(error.problems))


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
    return PlainTextResponse(
        f"This page failed: {type(error).__name__}. The others still work.\n", 500
    )


def _said(request: Request, status: int, told: str, problems: list[str] | None = None) -> Response:
    if getattr(request.state, "session", None) is None:
        return PlainTextResponse(f"{told}\n", status)
    heading = HEADINGS.get(status, "That did not work")
    return page(
        request, "said.html", code=status, heading=heading, told=told, problems=problems or []
    )
