"""Who may use the workbench, and what each of them may see and do."""

import hashlib
import hmac
import secrets
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from lodeworks.errors import ConfigError, did_you_mean

__all__ = ["SHORTEST_TOKEN", "Person", "Role", "digest_of", "new_token", "read_people"]

SHORTEST_TOKEN = 16
KEYS = ("name", "role", "token_sha256")


class Role(StrEnum):
    """What a person may do; each may do what the ones before it may.

    A viewer sees results about groups. An analyst also judges findings. An owner also sees
    personal data and downloads lists.
    """

    VIEWER = "viewer"
    ANALYST = "analyst"
    OWNER = "owner"

    def may(self, needed: "Role") -> bool:
        """Say whether this role includes another.

        Examples
        --------
        >>> Role.OWNER.may(Role.ANALYST), Role.VIEWER.may(Role.OWNER)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True)
class Person:
    """Somebody at the workbench.

    Attributes
    ----------
    name : str
        Written into the audit log and beside decisions.
    role : Role
        What they may do.
    token_digest : str
        SHA-256 of the token they sign in with, hexadecimal; empty where nobody signs in.
    """

    name: str
    role: Role
    token_digest: str = ""

    def may(self, needed: Role) -> bool:
        """Say whether their role includes another."""
        return self.role.may(needed)

    def knows(self, token: str) -> bool:
        """Say whether a token is theirs, in a time that does not depend on how near it is."""
        return bool(self.token_digest) and hmac.compare_digest(self.token_digest, digest_of(token))


def digest_of(token: str) -> str:
    """Give what is kept of a token.

    Examples
    --------
    >>> digest_of("correct horse battery")[:16]
    '9028ea0d15decaa3'
    """
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Make a token of 32 random bytes."""
    return secrets.token_urlsafe(32)


def read_people(path: Path) -> tuple[Person, ...]:
    """Read who may sign in from a YAML file.

    Parameters
    ----------
    path : Path
        A list; each entry has ``name``, ``role`` and ``token_sha256``.

    Raises
    ------
    ConfigError
        With everything that is wrong at once; no token is shown.
    """
    import yaml

    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"--people {path} cannot be read: {type(error).__name__}") from error
    if not isinstance(given, list) or not given:
        raise ConfigError(f"--people {path} must be a list of people with {', '.join(KEYS)}")
    problems = [text for place, entry in enumerate(given, 1) for text in _problems(place, entry)]
    names = Counter(entry.get("name") for entry in given if isinstance(entry, dict))
    problems += [f"{name!r} stands there twice" for name, times in names.items() if times > 1]
    if problems:
        raise ConfigError(f"--people {path} cannot be used", problems)
    return tuple(Person(e["name"], Role(e["role"]), e["token_sha256"].lower()) for e in given)


def _problems(place: int, entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return [f"entry {place} must have {', '.join(KEYS)}"]
    found = [f"entry {place} lacks {key}" for key in KEYS if key not in entry]
    found += [
        f"entry {place}: unknown key {key!r}; {did_you_mean(str(key), KEYS)}"
        for key in entry
        if key not in KEYS
    ]
    if "name" in entry and not (isinstance(entry["name"], str) and entry["name"].strip()):
        found.append(f"entry {place}: name must be text")
    if "role" in entry and str(entry["role"]) not in list(Role):
        found.append(f"entry {place}: {did_you_mean(str(entry['role']), list(Role))}")
    if "token_sha256" in entry and not _is_digest(entry["token_sha256"]):
        found.append(f"entry {place}: token_sha256 must be 64 hexadecimal digits")
    return found


def _is_digest(text: Any) -> bool:
    return (
        isinstance(text, str) and len(text) == 64 and set(text.lower()) <= set("0123456789abcdef")
    )
