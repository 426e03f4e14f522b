"""A record of who saw personal data, judged a finding or downloaded a list."""

import hmac
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.people import Person
from lodeworks.errors import LodeError

__all__ = ["AuditLog"]

FILE = "audit.jsonl"
KEY = ".audit-key"


@dataclass(frozen=True)
class AuditLog:
    """Lines of JSON in the workspace; each is appended at once, whoever else writes.

    A customer stands in it as a keyed hash, so that the log can prove who looked at whom and still
    names nobody who was forgotten.

    Parameters
    ----------
    workspace : Path
        The folder; made when it is missing.
    """

    workspace: Path

    @property
    def path(self) -> Path:
        """Give the file."""
        return self.workspace / FILE

    def write(self, person: Person, action: str, what: str) -> None:
        """Note that somebody did something; when it cannot be noted, it must not be done.

        Raises
        ------
        LodeError
            When the log cannot be written.
        """
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": person.name,
            "role": str(person.role),
            "action": action,
            "what": what,
        }
        try:
            _append(self.path, json.dumps(entry, ensure_ascii=False))
        except OSError as error:
            raise LodeError(
                f"the audit log {self.path} cannot be written ({error.strerror});"
                " without it no personal data are shown and nothing is changed"
            ) from error

    def customer(self, person: Person, action: str, customer: str) -> None:
        """Note something about one customer."""
        self.write(person, action, f"customer {self.hash_of(customer)}")

    def hash_of(self, customer: str) -> str:
        """Give what stands for a customer in this log."""
        return hmac.digest(self._key(), customer.encode(), "sha256").hex()[:32]

    def _key(self) -> bytes:
        place = self.workspace / KEY
        try:
            if not place.exists():
                _create(place, secrets.token_bytes(32))
            return place.read_bytes()
        except OSError as error:
            raise LodeError(f"the key {place} cannot be kept: {error.strerror}") from error


def _append(path: Path, line: str) -> None:
    """Write one line in one call: lines of several processes do not mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def _create(path: Path, content: bytes) -> None:
    """Put a whole file there unless another process was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, content)
    finally:
        os.close(handle)
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
