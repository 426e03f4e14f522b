import pytest


class Notebook:
    """Progress that remembers its notes."""

    def __init__(self):
        self.notes = []

    def note(self, message):
        self.notes.append(message)

    def start(self, task, total=None): ...
    def step(self, task, detail=""): ...
    def done(self, task, detail=""): ...


@pytest.fixture
def notebook():
    return Notebook()
