"""`lode ui`: what it hands on, and what it refuses."""

from pathlib import Path

import pytest

from app import serving
from pipelines.cli import main


@pytest.fixture
def given(monkeypatch):
    """Catch what would be served."""
    starts = []
    monkeypatch.setattr(serving, "serve", lambda start, tell: starts.append(start))
    return starts


def test_it_is_careful_by_itself(given):
    assert main(["ui"]) == 0
    (start,) = given
    assert start == serving.Start(workspace=Path(".lode"))
    assert (start.host, start.role, start.people) == ("127.0.0.1", "analyst", None)


def test_everything_can_be_said(given, tmp_path):
    options = ["--workspace", str(tmp_path), "--host", "::1", "--port", "0", "--role", "owner",
               "--people", "p.yaml", "--cube", "a.yaml", "--cube", "b.yaml",
               "--rules", "r.csv", "--mlflow", "http://tracking.example"]  # fmt: skip
    assert main(["ui", *options]) == 0
    assert given == [
        serving.Start(
            workspace=tmp_path, host="::1", port=0, role="owner", people=Path("p.yaml"),
            cubes=(Path("a.yaml"), Path("b.yaml")), rules=(Path("r.csv"),),
            mlflow="http://tracking.example",
        )
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [["--role", "boss"], ["--port", "70000"], ["--port", "x"]])
def test_wrong_options_are_usage(given, wrong, capsys):
    assert main(["ui", *wrong]) == 2
    assert given == []
    assert wrong[0] in capsys.readouterr().err


def test_a_missing_workspace_is_said(tmp_path, capsys):
    assert main(["ui", "--workspace", str(tmp_path / "none")]) == 2
    assert "there is no workspace" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
