"""Plain progress writes one line an event; silent progress writes nothing."""

import io

from lodeworks.progress import Plain, Silent


def test_plain_lines():
    out = io.StringIO()
    progress = Plain(out)
    progress.start("load")
    progress.start("fit", total=3)
    progress.step("fit", "rules")
    progress.step("fit")
    progress.done("fit", "3 fitted")
    progress.note("careful")
    lines = out.getvalue().splitlines()
    assert lines[:3] == ["load ...", "fit (3 steps) ...", "fit: rules"]
    assert lines[3].startswith("fit: done in ")
    assert lines[3].endswith(" s, 3 fitted")
    assert lines[4] == "careful"


def test_silent_says_nothing(capsys):
    progress = Silent()
    progress.start("load", 2)
    progress.step("load", "half")
    progress.done("load", "all")
    progress.note("careful")
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
