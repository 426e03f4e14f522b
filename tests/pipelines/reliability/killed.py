"""Run jobs in children that kill themselves at a stated event, as `kill -9` would.

A program of its own, because children are forked: nothing in it has started threads yet. It reads
one order a line, ``{"words": [...], "at": N or null}``, forks, lets the child type the command, and
answers with one line: how the child ended and how many events there were.
"""

import json
import os
import signal
import sys

EVENTS = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "sqlite3.connect")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def main():
    """Answer orders until there are none."""
    import experiments.bundle
    import experiments.registry  # noqa: F401
    import pipelines.crosssell.job
    import pipelines.crosssell.scoring  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            carry_out(order, writer)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reader) as told:
            counted = told.read()
        answer = {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}
        answer["code"] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        answer["events"] = int(counted or 0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def carry_out(order, writer):
    """Type the command; die at the event that the order says."""
    from pipelines.cli import main as lode

    seen = 0

    def watch(event, given):
        nonlocal seen
        if event not in EVENTS or (event == "open" and not is_written(given)):
            return
        seen += 1
        if seen == order["at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    sys.addaudithook(watch)
    code = lode(order["words"])
    os.write(writer, str(seen).encode())
    os._exit(code)


def is_written(given):
    """Tell files that are opened to be written, which are the ones that can be torn."""
    _, mode, flags = given
    return bool((flags or 0) & WRITING) or any(sign in str(mode) for sign in "wax+")


if __name__ == "__main__":
    main()
