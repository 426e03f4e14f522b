"""A Spark session for the time of one task."""

import importlib.util
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, getsignal, signal
from threading import current_thread, main_thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import lodeworks
from lodeworks.errors import LodeError, NotInstalled
from lodeworks.progress import Progress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["open_session", "require_spark", "settings", "spark_errors"]

LOOPBACK = "127.0.0.1"
PYTHON = "PYSPARK_PYTHON"
PARTITIONS_HERE = "8"


def require_spark() -> None:
    """Check that pyspark and Java are there, without starting either.

    Raises
    ------
    NotInstalled
        The message says what to install.
    """
    missing = []
    if importlib.util.find_spec("pyspark") is None:
        missing.append("pyspark is missing: pip install 'lodeworks[spark]'")
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")):
        where = f"in JAVA_HOME ({home})" if home else "on the PATH, and JAVA_HOME is not set"
        missing.append(f"no java {where}: install Java 17 or later")
    if missing:
        raise NotInstalled("--engine spark cannot run", missing)


def settings(master: str, folder: Path) -> Mapping[str, str]:
    """Give the settings of a session.

    Parameters
    ----------
    master : str
        One on this machine listens on the loopback address only. For a cluster, Spark's own
        configuration says where the driver is to be reached, and what the machines have installed.
    folder : Path
        Where temporary files go.

    Examples
    --------
    >>> settings("local[2]", Path("x"))["spark.driver.bindAddress"]
    '127.0.0.1'
    >>> "spark.driver.bindAddress" in settings("spark://cluster.example:7077", Path("x"))
    False
    """
    here = {
        "spark.driver.bindAddress": LOOPBACK,
        "spark.driver.host": LOOPBACK,
        "spark.executorEnv.PYTHONPATH": str(Path(lodeworks.__file__).parents[1]),
        "spark.sql.shuffle.partitions": PARTITIONS_HERE,
    }
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        # The warehouse's timestamps have no zone: none may be put on them by this machine's.
        "spark.sql.session.timeZone": "UTC",
    } | (here if _is_here(master) else {})


def _is_here(master: str) -> bool:
    return master.startswith("local") or urlsplit(master).hostname == LOOPBACK


@contextmanager
def open_session(
    master: str, progress: Progress, more: Mapping[str, str] | None = None
) -> Iterator["SparkSession"]:
    """Open a session and close it; one that is open already is used and left open.

    Parameters
    ----------
    master : str
        Where Spark runs, such as ``local[2]``.
    progress : Progress
        Told that Spark is being started, which takes seconds.
    more : mapping of str to str, optional
        Further properties of the session; they go before those of `settings`.

    Yields
    ------
    SparkSession

    Raises
    ------
    NotInstalled
        When pyspark or Java is missing.
    LodeError
        When Spark does not start; the message holds its last words.
    """
    require_spark()
    from pyspark.sql import SparkSession

    if open_already := SparkSession.getActiveSession():
        yield open_already
        return
    progress.start(f"start Spark ({master})")
    with tempfile.TemporaryDirectory(prefix="lode-spark-") as folder, _own_interrupt():
        session = _started(master, Path(folder), more or {})
        progress.done(f"start Spark ({master})", f"version {session.version}")
        try:
            yield session
        finally:
            session.stop()


@contextmanager
def spark_errors() -> Iterator[None]:
    """Say in one line what Spark could not do.

    Raises
    ------
    LodeError
        In the place of an error of pyspark.
    """
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        raise LodeError(f"Spark failed: {_reason(str(error))}") from error


def _reason(text: str) -> str:
    """Find the innermost error in what Spark tells of a task, be it of Python or of Java."""
    found = re.findall(r"(?m)^(?:Caused by: )?[\w.$]+(?:Error|Exception|Failure): (.+)$", text)
    return (found[-1] if found else text.strip().partition("\n")[0])[:300]


def _started(master: str, folder: Path, more: Mapping[str, str]) -> "SparkSession":
    from pyspark.sql import SparkSession

    log = folder / "log"
    builder = SparkSession.builder.master(master).appName("lodeworks")
    for name, value in {**settings(master, folder), **more}.items():
        builder = builder.config(name, value)
    try:
        with _errors_into(log), _this_python(), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pyspark about pandas 3
            return builder.getOrCreate()
    except Exception as error:
        raise LodeError(
            f"--spark-master {master}: Spark did not start: {_last_words(log) or error}"
        ) from None


@contextmanager
def _this_python() -> Iterator[None]:
    """Let tasks run in the interpreter of this process, unless another one is named."""
    if PYTHON in os.environ:
        yield
        return
    os.environ[PYTHON] = sys.executable
    try:
        yield
    finally:
        del os.environ[PYTHON]


@contextmanager
def _errors_into(log: Path) -> Iterator[None]:
    """Send to a file what the Java machine, which inherits standard error, would say there."""
    sys.stderr.flush()
    former = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(former, 2)
        os.close(former)


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if "Exception" in line or "ERROR" in line] or lines
    return told[-1].rpartition("Exception: ")[2][:300] if told else ""


@contextmanager
def _own_interrupt() -> Iterator[None]:
    """Put back the answer to Ctrl-C, for which pyspark puts one of its own."""
    former = getsignal(SIGINT)
    try:
        yield
    finally:
        if current_thread() is main_thread():
            signal(SIGINT, former)
