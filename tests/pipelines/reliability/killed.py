"""Run jobs in children to which something happens at a stated event.

A program of its own, because children are forked: nothing in it has started threads yet. It reads
one order a line, a list of children that work at the same time, and answers with one line.

A child has ``words``, what to type, and may have ``env``, ``cwd`` and ``at``. At its ``at``-th
event it is killed as `kill -9` would, or, where a ``fault`` such as ``ENOSPC`` is named, the
operating system refuses what it asks for: once, or from then on where the fault is ``lasting``.
Events are counted ``within`` a folder where one is named.
"""

import errno
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

EVENTS = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "sqlite3.connect")
REMOVALS = ("os.remove", "os.rmdir")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def main():
    """Answer orders until there are none."""
    import_what_children_need()
    for line in sys.stdin:
        children = [started(child) for child in json.loads(line)]
        sys.stdout.write(json.dumps([ended(*child) for child in children]) + "\n")
        sys.stdout.flush()


def import_what_children_need():
    """Import once, in the parent, what takes each child seconds."""
    from experiments.tracking import client_of

    client_of("http://127.0.0.1:9")
    import mlflow.store.model_registry.sqlalchemy_store
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401

    import pipelines.crosssell.job
    import pipelines.crosssell.scoring
    import pipelines.predicting.job
    import pipelines.segmenting.job  # noqa: F401
    from pipelines.cache import code_digest

    code_digest()


def started(order):
    """Fork a child that carries an order out; give its number and where it speaks."""
    folder = Path(tempfile.mkdtemp(prefix="lode-child-"))
    child = os.fork()
    if child == 0:
        try:
            carry_out(order, folder)
        finally:
            os._exit(70)
    return child, folder


def ended(child, folder):
    """Wait for a child: how it ended, how many events there were, what it said."""
    _, status = os.waitpid(child, 0)
    said = {path.name: path.read_text(errors="replace") for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return {
        "pid": child,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "events": len(said["events"].splitlines()),
        "places": said["events"].splitlines(),
        "out": said["out"],
        "err": said["err"],
    }


def carry_out(order, folder):
    """Type the command; let what the order says happen at its event."""
    from pipelines.cli import main as lode

    os.environ.update(order.get("env", {}))
    time.tzset()
    os.chdir(order.get("cwd") or Path.cwd())
    tempfile.tempdir = None  # what the parent found may not be that of the child
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), number)
    watch(order, os.open(folder / "events", os.O_WRONLY | os.O_CREAT))
    os._exit(lode(order["words"]))


def watch(order, events):
    """Write down what the events are about; let the fault happen at the stated one."""
    seen, at, fault = 0, order.get("at"), order.get("fault")
    within, lasting = order.get("within", ""), order.get("lasting", False)

    def happen(event, given):
        nonlocal seen
        if event not in EVENTS or (event == "open" and not is_written(given)):
            return
        if within and not concerns(given, within):
            return
        seen += 1
        os.write(events, repr(given[0]).encode() + b"\n")
        if at is None or seen < at or (seen > at and not lasting):
            return
        if fault is None:
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "ENOSPC" and event in REMOVALS:  # these need no room
            return
        number = getattr(errno, fault)
        raise OSError(number, os.strerror(number), os.fsdecode(given[0]))

    sys.addaudithook(happen)


def is_written(given):
    """Tell files that are opened to be written, which are the ones that can be torn."""
    _, mode, flags = given
    return bool((flags or 0) & WRITING) or any(sign in str(mode) for sign in "wax+")


def concerns(given, folder):
    """Tell whether an event is about something in a folder."""
    place = given[0] if given else ""
    return isinstance(place, str | bytes | os.PathLike) and os.fsdecode(place).startswith(folder)


if __name__ == "__main__":
    main()
