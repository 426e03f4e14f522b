from threading import Event

from pipelines.mining.patience import COMPILING, told_if_slow


def test_a_quick_step_says_nothing(notebook):
    with told_if_slow(notebook, after=60):
        pass
    assert notebook.notes == []


def test_a_slow_step_is_explained_while_it_lasts(notebook, monkeypatch):
    told = Event()
    monkeypatch.setattr(
        notebook, "note", lambda message: (notebook.notes.append(message), told.set())
    )
    with told_if_slow(notebook, after=0.01):
        assert told.wait(30)
        assert notebook.notes == [COMPILING]
