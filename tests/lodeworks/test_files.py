"""Files and folders appear whole or not at all."""

import hashlib

import pytest

from lodeworks.files import digest, file_digest, new_file, new_folder, write_text


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
