import io
import json
import sys
from datetime import date
from pathlib import Path

from pipelines.cli.output import emit, emit_json, show


class Summary:
    def to_dict(self):
        return {"rows": 3, "day": date(2011, 11, 8), "list": Path("list.csv"), "name": "Zoë"}

    def text(self):
        return "3 rows\n\n"


def test_a_person_gets_the_text_with_one_end_of_line(capsys):
    show(Summary(), as_json=False)
    assert capsys.readouterr().out == "3 rows\n"


def test_a_machine_gets_one_line_of_json(capsys):
    show(Summary(), as_json=True)
    out = capsys.readouterr().out
    expected = {"rows": 3, "day": "2011-11-08", "list": "list.csv", "name": "Zoë"}
    assert json.loads(out) == expected
    assert out.count("\n") == 1


def test_numbers_that_json_does_not_know_become_null(capsys):
    emit_json({"share": float("nan"), "most": [(float("inf"), 1.5)]})
    assert json.loads(capsys.readouterr().out) == {"share": None, "most": [[None, 1.5]]}


def test_a_terminal_without_the_letters_gets_their_codes(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    emit("Zoë ✓")
    assert raw.getvalue() == b"Zo\\xeb \\u2713\n"
