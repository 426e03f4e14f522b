"""Sign in by a token, and sign out."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.bench import bench_of, page
from app.security import COOKIE, form_of

__all__ = ["router"]

router = APIRouter()
LONGEST = 1000


@router.get("/sign-in")
def ask(request: Request, token: str = "") -> Response:
    """Ask for the token, or take it from the address that the server printed."""
    return _enter(request, token) if token else page(request, "sign_in.html", wrong=False)


@router.post("/sign-in")
async def enter(request: Request) -> Response:
    """Take the token of the form."""
    body = b""
    async for part in request.stream():
        body += part[: LONGEST - len(body)]
    token = parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0]
    return _enter(request, token.strip())


@router.post("/sign-out")
async def leave(request: Request) -> Response:
    """Forget the visit."""
    await form_of(request)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _enter(request: Request, token: str) -> Response:
    guard = request.app.state.guard
    cookie = guard.sign_in(token)
    if cookie is None:
        return page(request, "sign_in.html", code=403, wrong=bool(bench_of(request)))
    answer = RedirectResponse("/", 303)
    guard.keep(answer, cookie, secure=request.url.scheme == "https")
    return answer
