"""Start the workbench on a port, or say why that cannot be."""

import errno
import getpass
import ipaddress
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.people import SHORTEST_TOKEN, Person, Role, digest_of, new_token, read_people
from app.settings import LOOPBACK, Settings
from lodeworks.errors import ConfigError, LodeError

__all__ = ["TOKEN_VARIABLE", "Start", "prepare", "serve"]

TOKEN_VARIABLE = "LODE_UI_TOKEN"  # noqa: S105 (the name of a variable)
BACKLOG = 128


@dataclass(frozen=True, kw_only=True)
class Start:
    """How the workbench is to be started.

    Attributes
    ----------
    workspace : Path
    host : str
        Address to listen on.
    port : int
        0 for any free one.
    role : str
        Of who comes without a name.
    people : Path or None
        File of who may sign in.
    cubes, rules : sequence of Path
    mlflow : str or None
    """

    workspace: Path
    host: str = "127.0.0.1"
    port: int = 8765
    role: str = Role.ANALYST
    people: Path | None = None
    cubes: Sequence[Path] = ()
    rules: Sequence[Path] = ()
    mlflow: str | None = None


def prepare(start: Start) -> tuple[Settings, str]:
    """Check everything before a port is opened.

    Returns
    -------
    settings : Settings
    token : str
        One that was made just now and must be shown once; else empty.

    Raises
    ------
    ConfigError
        With everything that is wrong.
    """
    problems = [
        f"{option} {path}: there is no such file"
        for option, paths in (("--cube", start.cubes), ("--rules", start.rules))
        for path in paths
        if not path.is_file()
    ]
    if not start.workspace.is_dir():
        problems.append(f"there is no workspace {start.workspace}; a run makes one")
    if problems:
        more = len(problems) > 1
        raise ConfigError(
            "the workbench cannot be started" if more else problems[0], problems if more else ()
        )
    people, token = _people(start)
    settings = Settings(
        workspace=start.workspace,
        visitor=Person(_own_name(), Role(start.role)),
        people=people,
        cubes=tuple(start.cubes),
        rules=tuple(start.rules),
        mlflow=start.mlflow,
        hosts=(*LOOPBACK, start.host),
    )
    return settings, token


def serve(start: Start, tell: Callable[[str], None]) -> None:
    """Serve until it is interrupted.

    Parameters
    ----------
    start : Start
    tell : callable
        Is told the address, and the token where one was made.

    Raises
    ------
    LodeError
        When the port is in use or the address is not of this machine.
    """
    import uvicorn

    from app.server import create_app

    settings, token = prepare(start)
    app = create_app(settings)
    with _listening(start.host, start.port) as listener:
        address = address_of(start.host, listener.getsockname()[1])
        tell(f"The workbench of {start.workspace} is at {address}")
        if token:
            tell(f"Sign in with the token {token}")
            tell(f"or open {address}sign-in?token={token}")
        elif settings.people:
            tell("People sign in with their tokens.")
        tell("Stop it with Ctrl-C.")
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


def address_of(host: str, port: int) -> str:
    """Give the address to open.

    Examples
    --------
    >>> address_of("127.0.0.1", 8765), address_of("::1", 80)
    ('http://127.0.0.1:8765/', 'http://[::1]:80/')
    """
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _people(start: Start) -> tuple[tuple[Person, ...], str]:
    """Say who signs in; where others can reach the address, somebody must."""
    if start.people is not None:
        return read_people(start.people), ""
    given = os.environ.get(TOKEN_VARIABLE, "")
    if given and len(given) < SHORTEST_TOKEN:
        raise ConfigError(
            f"the token in {TOKEN_VARIABLE} has {len(given)} characters; "
            f"at least {SHORTEST_TOKEN} are needed"
        )
    if not given and is_loopback(start.host):
        return (), ""
    made = "" if given else new_token()
    return (Person(_own_name(), Role(start.role), digest_of(given or made)),), made


def _own_name() -> str:
    try:
        return os.environ.get("LODE_USER") or getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "you"


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise LodeError(_why(error, host, port)) from error
    return listener


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; give another --port, or 0 for any free one"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights; give a --port above 1023"
    return f"{host} is no address of this machine: {error.strerror or error}"
