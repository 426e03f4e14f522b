"""No path leaves the workspace unless a person told it to."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture
def written(ask, tmp_path):
    """Give a function that carries out a command and tells where it wrote."""
    for name in ("home", "scratch", "here"):
        (tmp_path / name).mkdir()
    environment = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "scratch")}

    def places(words):
        told = ask(words, env=environment, cwd=str(tmp_path / "here"))
        assert told["code"] == 0, told["err"]
        named = [place for place in map(ast.literal_eval, told["places"]) if isinstance(place, str)]
        named = [place for place in named if place.startswith("/")]  # the others are in ``here``
        assert len(named) > 3
        kept = ("/dev/", str(tmp_path / "scratch"))
        # Compiled code is kept beside the code.
        return [n for n in named if not n.startswith(kept) and "__pycache__" not in n]

    return places


def test_a_run_writes_into_its_workspace_alone(written, job, tmp_path):
    workspace = job.fresh("workspace", tmp_path)
    outside = [n for n in written(job.run_words(workspace)) if not n.startswith(str(workspace))]
    assert outside == []
    assert [*(tmp_path / "here").iterdir()] == [*(tmp_path / "home").iterdir()] == []
    assert [*(tmp_path / "scratch").iterdir()] == []


def test_a_score_writes_the_list_and_its_manifest_alone(written, job, whole, tmp_path):
    out = tmp_path / "out" / "list.csv"
    out.parent.mkdir()
    places = written(job.score_words(whole.bundle, out))
    assert [name for name in places if not Path(name).is_relative_to(out.parent)] == []
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "list.csv",
        "list.csv.manifest.json",
    ]
    assert [*(tmp_path / "here").iterdir()] == [*(tmp_path / "home").iterdir()] == []


@pytest.mark.parametrize("name", ["../shop", "/etc/shop", "shop/../../x", "..", "a\nb"])
def test_the_name_of_a_question_is_no_path(ask, job, tmp_path, name):
    config = job.write(tmp_path / "bad.yaml", name=name)
    told = ask(["run", config, "--workspace", tmp_path / "workspace"])
    assert told["code"] == 2
    assert "name" in told["err"]
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]
