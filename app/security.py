"""Who is asking, whether the question is theirs, and what a page may do in their browser."""

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from fastapi import HTTPException, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from app.people import Person, Role
from app.settings import Settings

__all__ = ["COOKIE", "Guard", "Session", "demand", "form_of", "session_of"]

COOKIE = "lode-session"
LASTS = 12 * 3600
LARGEST_FORM = 64 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
OPEN = ("/static/", "/sign-in")
Next = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Session:
    """A visit: who it is, its cookie, and the word that its forms carry."""

    person: Person
    cookie: str
    csrf: str


class Guard:
    """Stands before every page: host, session, headers.

    Parameters
    ----------
    settings : Settings
        Whom to let in.

    Notes
    -----
    The cookie is signed by a key that lives as long as the server, so nothing is kept about a
    visit. The word of the forms is derived from the cookie by the same key: another site can make
    a browser send the cookie but cannot know the word.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._key = secrets.token_bytes(32)

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """Let a request through, or answer it."""
        answer = self._refusal(request)
        session = None if answer else self._session(request)
        if answer is None and session is None and not request.url.path.startswith(OPEN):
            answer = RedirectResponse("/sign-in", 303)
        if answer is None:
            request.state.session = session
            answer = await call_next(request)
        if session is not None and request.cookies.get(COOKIE) != session.cookie:
            self.keep(answer, session.cookie, secure=request.url.scheme == "https")
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    def sign_in(self, token: str) -> str | None:
        """Give the cookie of whom a token belongs to."""
        known = [person for person in self.settings.people if person.knows(token)]
        return self._cookie(known[0].name) if known else None

    def keep(self, answer: Response, cookie: str, *, secure: bool) -> None:
        """Give the browser a cookie that no script reads and no other site sends."""
        answer.set_cookie(
            COOKIE, cookie, max_age=LASTS, httponly=True, samesite="strict", secure=secure, path="/"
        )

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in ("GET", "HEAD") and _is_foreign(request):
            return PlainTextResponse("This came from a page of another site.\n", 403)
        if self.settings.people:
            return None
        host = request.headers.get("host", "").rsplit("@")[-1]
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        if name in self.settings.hosts:
            return None
        return PlainTextResponse("This workbench is not known under that name.\n", 421)

    def _session(self, request: Request) -> Session | None:
        cookie = request.cookies.get(COOKIE, "")
        name = self._name_in(cookie)
        if not self.settings.people:
            cookie = cookie if name is not None else self._cookie(self.settings.visitor.name)
            return Session(self.settings.visitor, cookie, self._csrf(cookie))
        known = [person for person in self.settings.people if person.name == name]
        return Session(known[0], cookie, self._csrf(cookie)) if known else None

    def _cookie(self, name: str) -> str:
        told = f"{int(time.time())}.{secrets.token_hex(16)}.{name}".encode()
        sealed = hmac.digest(self._key, told, "sha256") + told
        return base64.urlsafe_b64encode(sealed).decode()

    def _name_in(self, cookie: str) -> str | None:
        try:
            sealed = base64.urlsafe_b64decode(cookie.encode())
        except (binascii.Error, UnicodeEncodeError):
            return None
        seal, told = sealed[:32], sealed[32:]
        if not hmac.compare_digest(seal, hmac.digest(self._key, told, "sha256")):
            return None
        when, _, name = told.decode().split(".", 2)
        return name if time.time() - int(when) < LASTS else None

    def _csrf(self, cookie: str) -> str:
        return hmac.digest(self._key, b"form:" + cookie.encode(), "sha256").hex()


def _is_foreign(request: Request) -> bool:
    """Say whether the browser tells that another site sent this; older ones tell nothing."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    elsewhere = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    return elsewhere or site in ("cross-site", "same-site")


def session_of(request: Request) -> Session:
    """Give the visit that a request belongs to."""
    session: Session = request.state.session
    return session


def demand(request: Request, needed: Role) -> Person:
    """Give who is asking, if they may.

    Raises
    ------
    HTTPException
        403, with the role that is needed.
    """
    person = session_of(request).person
    if not person.may(needed):
        raise HTTPException(403, f"This needs the role {needed}; you are here as {person.role}.")
    return person


async def form_of(request: Request) -> dict[str, str]:
    """Read the form of a change, if it comes from a page of this visit.

    Raises
    ------
    HTTPException
        403 when its word is missing or wrong; 413 when it is too large.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, "The form is too large.")
    fields = {
        name: values[-1]
        for name, values in parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100
        ).items()
    }
    if not hmac.compare_digest(fields.get("csrf", "").encode(), session_of(request).csrf.encode()):
        raise HTTPException(
            403, "The form came from an old page or from elsewhere. Go back, reload and try again."
        )
    return fields
