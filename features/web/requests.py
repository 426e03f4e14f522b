"""What a request asked for: a page that a person looks at, a part of one, or something else."""

import ibis
import ibis.expr.types as ir

__all__ = ["ASSETS", "KINDS", "with_kind"]

ASSETS = """
    avif bmp css cur eot gif ico jpeg jpg js map mjs mp3 mp4 ogg otf png svg swf ttf wasm wav
    webm webmanifest webp woff woff2
    """.split()  # noqa: SIM905 (a list of words reads best as words)
"""Endings of files that a page loads by itself."""

KINDS = ("page", "asset", "failed", "other")
"""Kinds of requests: ``other`` is a redirect, a HEAD, robots.txt or a malformed request."""

_SITE = r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*"
_BEFORE_PARAMETERS = r"^[^?#;]*"
_ASSET = rf"(?i)\.({'|'.join(ASSETS)})$"
_NOT_CHANGED = 304


def with_kind(hits: ir.Table) -> ir.Table:
    """Add ``page``, the path without parameters, and ``kind``, one of `KINDS`.

    Parameters
    ----------
    hits : ibis Table
        With ``method``, ``path`` and ``status``.

    Notes
    -----
    Parameters are cut off at ``?``, ``#`` or ``;``: they hold search words and numbers of
    sessions, and would make every view a page of its own. A page is asked for with GET or POST and
    answered (status 2xx, or 304 when the browser has it still).
    """
    site_off = hits.path.re_replace(_SITE, "").re_extract(_BEFORE_PARAMETERS, 0)
    asked = hits.mutate(page=site_off.startswith("/").ifelse(site_off, None))
    return asked.mutate(kind=_kind(asked))


def _kind(hits: ir.Table) -> ir.StringValue:
    answered = hits.status.between(200, 299) | (hits.status == _NOT_CHANGED)
    asked = hits.method.isin(["GET", "POST"]) & hits.page.notnull()
    return ibis.cases(
        (hits.page.re_search(_ASSET), "asset"),
        (hits.status >= 400, "failed"),
        (asked & answered & (hits.page != "/robots.txt"), "page"),
        else_="other",
    )
