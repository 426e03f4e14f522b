import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from pipelines.cli import main

LINES = "{kind: csv, path: l.csv, columns: {customer_id: c, item_id: i, ordered_at: t}}"


@dataclass
class Told:
    code: int
    out: str
    err: str


@pytest.fixture
def lode(capsys):
    """Type a command and give what it told."""

    def type_command(*words):
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    return type_command


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A small right configuration in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.yaml"
    path.write_text(f"kind: cross-sell\nname: x\nsources: [{LINES}]\n")
    return path


@dataclass
class Summary:
    values: dict
    exit_code: int = 0

    def to_dict(self):
        return self.values

    def text(self):
        return "all done"


@pytest.fixture
def job(monkeypatch):
    """Put a function in the place of the job that a command calls; it notes how it was called."""

    def put(module, name, does=None):
        calls = []

        def stand_in(*given, **named):
            calls.append((given, named))
            if does is not None:
                does(*given, **named)
            return Summary({"status": "done"})

        fake = ModuleType(module)
        setattr(fake, name, stand_in)
        monkeypatch.setitem(sys.modules, module, fake)
        return calls

    return put
