import io

import pytest

from lodeworks.progress import Silent
from pipelines.progress import Rich, open_progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Closed(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


def work(progress):
    progress.start("mine", 2)
    progress.step("mine", "one [of] two")
    progress.note("[careful]")
    progress.step("mine")
    progress.done("mine", "2 rules")


def told(out, monkeypatch, *, quiet=False, term="xterm"):
    monkeypatch.setenv("TERM", term)
    with open_progress(quiet=quiet, out=out) as progress:
        work(progress)
    return progress, out.getvalue()


def test_a_terminal_gets_bars_and_square_brackets_stay(monkeypatch):
    progress, text = told(Terminal(), monkeypatch)
    assert isinstance(progress, Rich)
    assert "[careful]" in text
    assert "2/2" in text
    assert "2 rules" in text


def test_elsewhere_there_is_one_line_an_event(monkeypatch):
    _, text = told(io.StringIO(), monkeypatch)
    lines = text.splitlines()
    assert lines[:3] == ["mine (2 steps) ...", "mine: one [of] two", "[careful]"]
    assert lines[3].startswith("mine: done in ")
    assert lines[3].endswith(", 2 rules")


def test_a_dumb_terminal_gets_lines(monkeypatch):
    assert "mine (2 steps) ..." in told(Terminal(), monkeypatch, term="dumb")[1]


def test_quiet_is_silent(monkeypatch):
    progress, text = told(Terminal(), monkeypatch, quiet=True)
    assert isinstance(progress, Silent)
    assert text == ""


def test_lines_that_nobody_reads_do_not_fail_the_work(monkeypatch):
    with open_progress(out=Closed()) as progress:
        work(progress)
        progress.note("still going")


@pytest.mark.parametrize("call", ["step", "done"])
def test_a_task_may_be_told_of_before_it_began(monkeypatch, call):
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    with open_progress(out=out) as progress:
        getattr(progress, call)("late", "here")
    assert "late" in out.getvalue()


def test_a_task_may_begin_again(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    with open_progress(out=out) as progress:
        progress.start("mine", 2)
        progress.start("mine", 5)
        progress.step("mine")
    assert "1/5" in out.getvalue()
