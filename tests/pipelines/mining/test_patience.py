from threading import Event

import pytest
from numba import njit

from pipelines.mining.patience import COMPILING, told_if_compiling, told_if_slow


@pytest.fixture
def told(notebook, monkeypatch):
    """Know that a note was made."""
    said = Event()
    monkeypatch.setattr(notebook, "note", lambda text: (notebook.notes.append(text), said.set()))
    return said


def test_a_quick_step_says_nothing(notebook):
    with told_if_slow(notebook, "searching", after=60):
        pass
    assert notebook.notes == []


def test_a_slow_step_is_explained_while_it_lasts(notebook, told):
    with told_if_slow(notebook, "searching", after=0.01):
        assert told.wait(30)
        assert notebook.notes == ["searching"]


def test_compiling_is_told_once_and_what_is_compiled_says_nothing(notebook, told):
    inner = njit(lambda x: x + 1)
    outer, other = njit(lambda x: inner(x) * 2), njit(lambda x: x * 3)
    with told_if_compiling(notebook, after=0.0):
        outer(1)
        other(1)
        assert told.wait(30)
    assert notebook.notes == [COMPILING]
    notebook.notes.clear()
    with told_if_compiling(notebook, after=0.0):
        outer(1)
        other(1)
    assert notebook.notes == []


def test_slow_work_that_compiles_nothing_says_nothing(notebook, told):
    with told_if_compiling(notebook, after=0.0):
        assert not told.wait(0.05)


def test_a_quick_compilation_says_nothing(notebook):
    with told_if_compiling(notebook, after=600):
        assert njit(lambda x: x - 1)(3) == 2
    assert notebook.notes == []
