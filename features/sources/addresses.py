"""Addresses of databases and services without who signs in, and with what."""

import re

__all__ = ["public_address", "without_secrets"]

_HIDDEN = "***"
_URL = re.compile(r"(?P<dialect>[a-z][a-z0-9_]*)(?:\+[a-z0-9_]+)?://(?P<rest>.*)", re.DOTALL)
_ANY = re.compile(r"(?P<dialect>[A-Za-z][A-Za-z0-9_+.-]*)://(?P<rest>\S*)")
_VARIABLES = re.compile(r"(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}|[:&]|(?:^|(?<=&))[A-Za-z_]+=)*")


def public_address(url: str) -> str:
    """Give what may be shown of a database's address: dialect, host, port and name.

    Examples
    --------
    >>> public_address("postgresql+psycopg://me:pa%40ss@db:5432/shop?sslpassword=x")
    'postgresql://db:5432/shop'
    >>> public_address("postgresql://me:a?b@db/shop")
    'postgresql://***'
    >>> public_address("nonsense with a secret")
    'a database'
    """
    parts = _URL.fullmatch(url)
    if parts is None:
        return "a database"
    place, _, options = parts["rest"].partition("?")
    if _is_unclear(place, options):
        return f"{parts['dialect']}://{_HIDDEN}"
    return f"{parts['dialect']}://{place.rpartition('@')[2]}"


def without_secrets(text: str) -> str:
    """Hide user, password and options of every address in a text; references to variables stay.

    Examples
    --------
    >>> without_secrets("postgresql://me:secret@db/shop?sslpassword=x")
    'postgresql://***@db/shop?***'
    >>> without_secrets("postgresql://${USER}:${PASSWORD}@db/shop?token=${TOKEN}")
    'postgresql://${USER}:${PASSWORD}@db/shop?token=${TOKEN}'
    >>> without_secrets("https://tracking.example")
    'https://tracking.example'
    """
    return _ANY.sub(lambda found: f"{found['dialect']}://{_masked(found['rest'])}", text)


def _masked(rest: str) -> str:
    if _VARIABLES.fullmatch(rest):
        return rest
    place, mark, options = rest.partition("?")
    if _is_unclear(place, options):
        return _HIDDEN
    user, at, host = place.rpartition("@")
    user = user if _VARIABLES.fullmatch(user) else _HIDDEN
    options = options if _VARIABLES.fullmatch(options) else _HIDDEN
    return f"{user}{at}{host}{mark}{options}"


def _is_unclear(place: str, options: str) -> bool:
    """Tell whether the question mark may be part of a password."""
    return "@" in options and "@" not in place
