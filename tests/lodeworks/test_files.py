"""Files and folders appear whole or not at all."""

import hashlib
import os
import subprocess
import sys

import pytest

from lodeworks.files import (
    did_you_mean_file,
    digest,
    file_digest,
    new_file,
    new_folder,
    sweep,
    write_text,
)


def test_a_new_file_takes_its_name_at_the_end(tmp_path):
    target = tmp_path / "deep" / "list.csv"
    with new_file(target) as aside:
        aside.write_text("rows")
        assert not target.exists()
    assert target.read_text() == "rows"
    assert [path.name for path in target.parent.iterdir()] == ["list.csv"]


def test_a_failure_leaves_the_former_file_and_no_litter(tmp_path):
    target = tmp_path / "list.csv"
    write_text(target, "former")
    with pytest.raises(RuntimeError, match="died"), new_file(target) as aside:
        aside.write_text("half")
        raise RuntimeError("died")
    assert target.read_text() == "former"
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_new_folder_replaces_the_former_one(tmp_path):
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with new_folder(target) as aside:
        (aside / "part").mkdir()
        (aside / "part" / "new.txt").write_text("new")
    assert [path.name for path in target.iterdir()] == ["part"]
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_failure_leaves_the_former_folder(tmp_path):
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with pytest.raises(KeyboardInterrupt), new_folder(target) as aside:
        (aside / "new.txt").write_text("new")
        raise KeyboardInterrupt
    assert (target / "old.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_digests(tmp_path):
    file = tmp_path / "a.bin"
    file.write_bytes(b"lode" * 100_000)
    assert file_digest(file) == hashlib.sha256(b"lode" * 100_000).hexdigest()
    assert digest({"b": [1, 2], "a": None}) == digest({"a": None, "b": [1, 2]})
    assert digest({"a": 1}) != digest({"a": 2})


@pytest.fixture
def gone():
    """Give the number of a process that is over."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(60)
    return process.pid


def left_by(folder, process, name="list.csv", age=7200):
    """Leave what such a process leaves when it is killed."""
    path = folder / f".{name}.{process}-0a1b2c3d.tmp"
    path.mkdir()
    (path / "half").write_text("half")
    long_ago = path.stat().st_mtime - age
    os.utime(path, (long_ago, long_ago))
    return path


def test_what_a_killed_process_left_is_removed(tmp_path, gone):
    left_by(tmp_path, gone)
    half = tmp_path / f".a.b.{gone}-00000000.tmp"
    half.write_text("half")
    os.utime(half, (0, 0))
    (tmp_path / "list.csv").write_text("whole")
    sweep(tmp_path, tmp_path / "missing")
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_what_may_be_at_work_is_left_alone(tmp_path, gone):
    kept = [
        left_by(tmp_path, os.getpid()),
        left_by(tmp_path, gone, name="young", age=60),
        left_by(tmp_path, gone, name="odd").rename(tmp_path / ".odd.tmp"),
    ]
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("line.csv", "; did you mean 'lines.csv'?"),
        ("lines.txt", "; did you mean 'lines.csv'?"),
        ("no.csv", ""),
        ("gone/lines.csv", ""),
    ],
)
def test_the_nearest_file_is_named(tmp_path, missing, said):
    (tmp_path / "lines.csv").touch()
    (tmp_path / "line.csw").mkdir()
    assert did_you_mean_file(tmp_path / missing) == said
