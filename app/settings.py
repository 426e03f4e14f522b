"""What a workbench is started with."""

from dataclasses import dataclass, field
from pathlib import Path

from app.people import Person, Role

__all__ = ["LOOPBACK", "Settings"]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the workbench reads, and whom it lets in.

    Attributes
    ----------
    workspace : Path
        The folder that is shown; nothing but the audit log and what people decide is written.
    visitor : Person
        Who a visitor is where nobody signs in.
    people : tuple of Person
        Who may sign in; empty: nobody has to.
    cubes, rules : tuple of Path
        Declarations of cubes, and files of rules that `lode mine` wrote.
    mlflow : str or None
        Address of a tracking server, for links.
    hosts : tuple of str
        Names under which a page may be asked for where nobody signs in. A page of another site
        whose name was made to point here is thereby refused (DNS rebinding).
    """

    workspace: Path
    visitor: Person = field(default_factory=lambda: Person("you", Role.ANALYST))
    people: tuple[Person, ...] = ()
    cubes: tuple[Path, ...] = ()
    rules: tuple[Path, ...] = ()
    mlflow: str | None = None
    hosts: tuple[str, ...] = LOOPBACK
