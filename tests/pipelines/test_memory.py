import os
import signal
import subprocess
import sys
import threading

import duckdb
import pytest

from features.connections import connect
from lodeworks import BudgetExceeded, ConfigError
from pipelines import memory
from pipelines.memory import memory_in_use, memory_limit
from pipelines.stopped import MemoryUp, TimeUp, forget_stop, stop, stopped_by

MB = 1_000_000
BLOCK = "block = b'x' * 400_000_000; print('ready', flush=True); input()"


def test_memory_in_use_is_that_of_this_process_and_grows_with_it():
    before = memory_in_use()
    assert before > 20 * MB
    block = b"x" * (400 * MB)
    assert memory_in_use() - before > 200 * MB
    assert len(block) == 400 * MB


def test_a_child_counts_until_it_ends():
    words = [sys.executable, "-c", BLOCK]
    with subprocess.Popen(words, stdin=-1, stdout=-1, text=True) as child:
        assert child.stdout.readline() == "ready\n"
        assert child.pid in memory._family(os.getpid())
        assert memory_in_use() > memory._share(child.pid) * 1024 > 400 * MB
        child.communicate("\n")
    assert child.pid not in memory._family(os.getpid())


def test_without_a_limit_nothing_is_watched(monkeypatch):
    monkeypatch.setattr(memory, "memory_in_use", lambda: pytest.fail("nobody asked"))
    with memory_limit(None):
        assert not [one for one in threading.enumerate() if one.name == "memory"]


def test_too_little_for_the_process_itself_is_told_before_the_work_begins():
    with (
        pytest.raises(
            BudgetExceeded, match=r"MB of memory are in use, more than the 1 MB of --mem"
        ),
        memory_limit(MB),
    ):
        pytest.fail("the work must not begin")


@pytest.fixture
def growing(monkeypatch):
    """Give work that never ends, and lets 9 GB be in use once it has begun; 1 GB before."""
    begun = threading.Event()
    monkeypatch.setattr(memory, "memory_in_use", lambda: (9000 if begun.is_set() else 1000) * MB)
    monkeypatch.setattr(memory, "EVERY", 0.001)

    def wait_for_ever():
        begun.set()
        threading.Event().wait(60)
        pytest.fail("nobody stopped it")

    return wait_for_ever


def test_work_that_grows_is_stopped_and_cleans_up(growing):
    former = signal.getsignal(signal.SIGUSR1)
    cleaned = []

    def work():
        try:
            growing()
        finally:
            cleaned.append(True)

    with pytest.raises(BudgetExceeded) as raised, memory_limit(4000 * MB):
        work()
    assert cleaned == [True]
    assert raised.value.message == (
        "9,000 MB of memory are in use, more than the 4,000 MB of --memory;"
        " give more, or ask for less, and run the same command again to resume"
    )
    assert signal.getsignal(signal.SIGUSR1) is former
    assert stopped_by(ValueError()) is None


def test_work_that_catches_every_error_is_stopped_too(growing):
    def stubborn():
        while True:
            try:
                growing()
            except Exception:
                continue

    with pytest.raises(BudgetExceeded), memory_limit(4000 * MB):
        stubborn()


def test_what_a_library_makes_of_the_stop_is_still_the_stop(growing):
    def query():
        try:
            growing()
        except MemoryUp:
            raise RuntimeError("Query interrupted") from None

    with pytest.raises(BudgetExceeded, match="9,000 MB"), memory_limit(4000 * MB):
        query()


def test_an_error_of_the_work_stays_itself_and_the_watch_ends():
    with pytest.raises(KeyError), memory_limit(memory_in_use() * 100):
        raise KeyError
    assert not [one for one in threading.enumerate() if one.name == "memory"]


def test_a_time_limit_inside_is_not_taken_for_memory():
    with pytest.raises(TimeUp), memory_limit(memory_in_use() * 100):
        stop(TimeUp())
    assert isinstance(stopped_by(RuntimeError("Query interrupted")), TimeUp)
    forget_stop(TimeUp)
    assert stopped_by(RuntimeError("Query interrupted")) is None


def test_a_database_gets_a_part_of_the_memory_and_what_it_was_given_itself():
    def limit(own=None):
        with connect(None, own) as connection:
            (found,) = connection.execute("SELECT current_setting('memory_limit')").fetchone()
        return found

    with duckdb.connect() as plain:
        (usual,) = plain.execute("SELECT current_setting('memory_limit')").fetchone()
    with memory_limit(10_000 * MB):
        assert limit() == "5.5 GiB"
        assert limit("1GiB") == "1.0 GiB"
    assert limit() == usual


def test_a_system_that_does_not_tell_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "PROC", tmp_path)
    with pytest.raises(ConfigError, match="--memory needs a system that tells"), memory_limit(MB):
        pytest.fail("the work must not begin")
