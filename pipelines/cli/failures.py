"""What a person reads when a command fails, and the exit code that goes with it."""

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lodeworks import LodeError
from pipelines.cli.output import emit_json
from pipelines.stopped import is_out_of_memory

__all__ = ["Failure", "failure_of", "report"]

INTERRUPTED = "interrupted; run the same command again to resume"
FULL = ("No space left on device", "database or disk is full")  # the second is SQLite's
KINDLY = {
    errno.ENOSPC: "the disk is full; make room and run the same command again",
    errno.EDQUOT: "the disk quota is used up; make room and run the same command again",
    errno.EACCES: "permission denied; check who may read and write there",
    errno.EPERM: "permission denied; check who may read and write there",
    errno.EROFS: "this is a read-only place; choose another with --workspace or --out",
}


@dataclass(frozen=True)
class Failure:
    """One failure, ready to be shown."""

    kind: str
    message: str
    exit_code: int
    problems: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Give it as the JSON object of ``--json``."""
        values = {"kind": self.kind, "message": self.message, "exit_code": self.exit_code}
        return {"error": {**values, "problems": list(self.problems)}}

    def text(self) -> str:
        """Give it as the lines on standard error."""
        lines = [f"Error: {self.message}", *(f"  - {problem}" for problem in self.problems)]
        return "\n".join(lines)


def failure_of(error: BaseException) -> Failure:
    """Put an exception into words."""
    name = type(error).__name__
    if isinstance(error, LodeError):
        return Failure(name, _with_a_way_on(error.message), error.exit_code, error.problems)
    if isinstance(error, KeyboardInterrupt) or name == "Abort":
        return Failure("Interrupted", INTERRUPTED, 130)
    if hasattr(error, "format_message"):  # what the parser of the command line raises
        return Failure("UsageError", f"{error.format_message()} (see --help)", 2)
    if is_out_of_memory(error):
        return Failure(name, "out of memory; use less data or a larger machine", 5)
    if isinstance(error, OSError):
        return Failure(name, _about_file(error), 1)
    if any(words in str(error) for words in FULL):
        return Failure(name, KINDLY[errno.ENOSPC], 1)
    return Failure(name, _unexpected(error), 1)


def report(error: BaseException, *, as_json: bool, debug: bool) -> int:
    """Show a failure and give its exit code.

    Parameters
    ----------
    error : BaseException
        What stopped the command.
    as_json : bool
        Print it as one JSON object on standard output too.
    debug : bool
        Print the traceback before it.
    """
    failure = failure_of(error)
    if debug:
        _complain(_traceback(error))
    _complain(failure.text())
    if as_json:
        emit_json(failure.to_dict())
    return failure.exit_code


def _traceback(error: BaseException) -> str:
    """Give the traceback without what was given: a wrong value may be a secret."""
    text = "".join(traceback.format_exception(error)).rstrip()
    for link in _chain(error):
        if type(link).__name__ == "ValidationError":
            text = text.replace(str(link), "(what was given is not shown)")
    return text


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all that led to it."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _complain(text: str) -> None:
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _with_a_way_on(message: str) -> str:
    """Say what to do where a message ends with what a library says of a full disk."""
    for words in FULL:
        if message.endswith(words):
            return message.removesuffix(words) + KINDLY[errno.ENOSPC]
    return message


def _about_file(error: OSError) -> str:
    what = KINDLY.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
    place = error.filename2 or error.filename
    return f"{os.fsdecode(place)}: {what}" if isinstance(place, str | bytes) else what


def _unexpected(error: BaseException) -> str:
    said = " ".join(str(error).split())
    said = f": {said[:200]}" if said else ""
    return f"unexpected {type(error).__name__}{said}; run again with --debug for the traceback"
