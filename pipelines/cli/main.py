"""The entry of the command: run it, and turn every failure into words and an exit code."""

import os
import sys
from collections.abc import Sequence

from pipelines.cli.failures import report
from pipelines.cli.limits import end_like_interrupt

__all__ = ["main"]

INTERRUPTED = 130

# Small matrices are quicker on one thread than on several that wait for one another, and sums do
# not depend on the machine then. What a person sets in the environment is kept.
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: those of the process.

    Returns
    -------
    int
        The exit code: 0 done; 1 failed; 2 bad usage or configuration; 3 bad data; 4 a gate
        refused; 5 a budget was exceeded; 130 interrupted.
    """
    for name, value in THREADS.items():
        os.environ.setdefault(name, value)
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        with end_like_interrupt():
            _invoke(given)
    except BaseException as error:
        if isinstance(error, SystemExit):
            return _code(error)
        return report(error, as_json="--json" in given, debug="--debug" in given)
    return 0


def _invoke(given: list[str]) -> None:
    from pipelines.cli.app import app

    code = app(args=given, prog_name="lode", standalone_mode=False)
    if code == INTERRUPTED:  # the parser has swallowed the interrupt
        raise KeyboardInterrupt
    if isinstance(code, int) and code:
        raise SystemExit(code)


def _code(error: SystemExit) -> int:
    return error.code if isinstance(error.code, int) else int(error.code is not None)
