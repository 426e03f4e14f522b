"""Identifiers replaced by keyed hashes: the same for the same key, of no use without it."""

import hmac
import os
from collections.abc import Iterable

import pandas as pd

from lodeworks.errors import ConfigError

__all__ = ["KEY_VARIABLE", "key_from_environment", "pseudonym"]

KEY_VARIABLE = "LODE_PSEUDONYM_KEY"
"""Environment variable that holds the key."""

MIN_KEY = 16
_LENGTH = 32
_MAKE_ONE = "make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


def key_from_environment(*, used: bool = False) -> bytes:
    """Give the key of the environment variable ``LODE_PSEUDONYM_KEY``.

    Parameters
    ----------
    used : bool
        Whether there are hashes made with a key already: a new one would not fit them.

    Raises
    ------
    ConfigError
        When it is missing or shorter than 16 characters; the key itself is never shown.
    """
    text = os.environ.get(KEY_VARIABLE, "")
    advice = "give the key used then, a new one does not fit" if used else _MAKE_ONE
    if not text:
        raise ConfigError(f"the environment variable {KEY_VARIABLE} is not set; {advice}")
    if len(text) < MIN_KEY:
        raise ConfigError(
            f"the key in {KEY_VARIABLE} has {len(text)} characters;"
            f" at least {MIN_KEY} are needed; {advice}"
        )
    return text.encode()


def pseudonym(values: Iterable[object], key: bytes) -> pd.Series:
    """Replace identifiers by keyed hashes.

    Parameters
    ----------
    values : pandas.Series or iterable
        Identifiers; anything but null is hashed as its text.
    key : bytes
        What `key_from_environment` gave. Whoever has it can find out whom a hash stands for.

    Returns
    -------
    pandas.Series of str
        32 hexadecimal digits each (HMAC-SHA256, RFC 2104, the first 128 bits); null stays null.
        The index of a series is kept.

    Raises
    ------
    ValueError
        When the key is shorter than 16 bytes.

    Examples
    --------
    >>> pseudonym(["C1", None, "C1"], b"a key of 16 byte").tolist()
    ['1c4f7b900112aaa0015800c550d350c2', nan, '1c4f7b900112aaa0015800c550d350c2']
    """
    if len(key) < MIN_KEY:
        raise ValueError(f"the key has {len(key)} bytes; at least {MIN_KEY} are needed")
    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    hashes = {value: _hash(str(value), key) for value in series.dropna().unique()}
    return series.map(hashes).astype("str")


def _hash(text: str, key: bytes) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()[:_LENGTH]
