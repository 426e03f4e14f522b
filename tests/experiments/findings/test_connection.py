"""The file of findings: shared by processes, versioned, and refused when it is damaged."""

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import experiments
from experiments.findings import Filter, FindingStore, connection, schema
from experiments.findings.repair import repair
from lodeworks import DataError, LodeError

ROOT = Path(experiments.__file__).parents[1]
ACCEPT = """
import sys
from pathlib import Path
from experiments.findings import FindingStore
sys.stdin.readline()
FindingStore(Path(sys.argv[1])).change(sys.argv[2], "accepted", who=sys.argv[3], version=1)
"""
WRITE = """
import sys
from pathlib import Path
from experiments.findings.connection import writing
with writing(Path(sys.argv[1])) as db:
    db.execute("UPDATE findings SET version = version + 1")
    print("begun", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def other(code, *words):
    """Start another process; it waits for a line."""
    command = [sys.executable, "-c", code, *map(str, words)]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        yield process


def test_a_missing_file_is_no_fault_of_the_file(store):
    store.check()
    assert not store.path.exists()
    with pytest.raises(DataError, match=r"there are no findings in .* yet: `lode run`"):
        store.find()
    with pytest.raises(DataError, match="there are no findings"):
        store.change("F1234", "accepted", who="ann")
    assert not store.path.exists()


def test_of_two_people_who_accept_at_once_one_is_told(store, rule, run):
    store.record(run("r1"), [rule("tea")])
    (one,) = store.find()
    with (
        other(ACCEPT, store.path, one.id, "ann") as ann,
        other(ACCEPT, store.path, one.id, "bob") as bob,
    ):
        for person in (ann, bob):
            person.stdin.write("now\n")
            person.stdin.flush()
        said = {"ann": ann.communicate(timeout=60)[1], "bob": bob.communicate(timeout=60)[1]}
    (event,) = store.history(one.id)[1]
    (late,) = {"ann", "bob"} - {event.who}
    assert said[event.who] == ""
    assert f"ChangedMeanwhile: {one.id} was accepted by {event.who}" in said[late]


def test_another_process_reads_while_a_run_writes(store, rule, run):
    store.record(run("r1"), [rule("tea")])
    with other(WRITE, store.path) as writer:
        assert writer.stdout.readline() == "begun\n"
        assert [one.version for one in store.find()] == [1]  # as it was before, at once
        assert writer.communicate("end\n", timeout=60)[1] == ""
    assert [one.version for one in store.find()] == [2]


def test_who_waits_too_long_for_a_writer_is_told(store, monkeypatch, rule, run):
    store.record(run("r1"), [rule("tea")])
    monkeypatch.setattr(connection, "PATIENCE", 0.01)
    with (
        connection.writing(store.path),
        pytest.raises(LodeError, match="is being changed by another command; try again"),
    ):
        store.record(run("r2"), [rule("jam")])
    assert store.count() == 1


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\7" * 9000]
)
def test_a_damaged_file_is_refused_and_stays_as_it_is(store, content, rule, run):
    store.path.write_bytes(content)
    for work in (
        store.check,
        store.find,
        lambda: store.record(run("r1"), [rule("tea")]),
        lambda: store.change("F1234", "accepted", who="ann"),
    ):
        with pytest.raises(DataError, match=r"are damaged .*lode findings repair"):
            work()
    assert store.path.read_bytes() == content


def test_damage_inside_is_found_before_anything_is_written(store, rule, run):
    store.record(run("r1"), [rule(f"item {number}") for number in range(300)])
    _damage(store.path)
    before = store.path.read_bytes()
    with pytest.raises(DataError, match="are damaged"):
        store.record(run("r2"), [rule("tea")])
    assert store.path.read_bytes() == before


def test_repair_keeps_the_damaged_file_and_saves_what_can_be_read(store, tmp_path, rule, run):
    store.record(run("r1"), [rule(f"item {number}") for number in range(300)])
    store.change(store.find(Filter(limit=1))[0].id, "rejected", who="ann")
    _damage(store.path)
    before = store.path.read_bytes()
    told = repair(store.path)
    assert told.aside.read_bytes() == before
    assert 0 < store.count() <= 300
    assert store.record(run("r2"), [rule("tea")]).new == 1
    assert str(told.aside) in told.text()


def test_repair_of_a_sound_file_changes_nothing(store, rule, run):
    store.record(run("r1"), [rule("tea", evidence_ids=("rule:tea",)), rule("jam")])
    store.record(run("r2", 2), [rule("tea")])
    store.change("rule:tea", "accepted", who="ann", note="fine")
    before = (store.find(), store.history("rule:tea"), store.runs(), store.evidence_ids("r1"))
    content = store.path.read_bytes()
    told = repair(store.path)
    assert told.text().startswith("nothing is damaged, and nothing was changed: ")
    assert told.to_dict() == {"damaged": False, "aside": None, "saved": told.rows}
    assert told.rows["findings"] == 2
    assert store.path.read_bytes() == content
    assert not list(store.path.parent.glob("*.damaged-*"))
    assert (
        store.find(),
        store.history("rule:tea"),
        store.runs(),
        store.evidence_ids("r1"),
    ) == before


def test_repair_of_a_file_with_loose_ends_drops_them(store, rule, run):
    store.record(run("r1"), [rule("tea"), rule("jam")])
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("DELETE FROM runs")
        db.commit()
    assert repair(store.path).aside is not None
    assert store.runs() == []
    assert repair(store.path).aside is None


def test_repair_keeps_the_order_of_what_it_saves_on_either_side_of_the_damage(store, rule, run):
    names = [f"r{number:03d}" for number in range(300)]
    store.record(run(names[0]), [])
    rows = [(name, "", "", "", "", f"sha of {name}" * 20, "") for name in names[1:]]
    with closing(sqlite3.connect(store.path)) as db:
        db.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = db.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(store.path.read_bytes())
    place = content.index(b"sha of r150") // page * page
    content[place : place + page] = b"\xff" * page
    store.path.write_bytes(content)
    repair(store.path)
    saved = [one.run_id for one in store.runs()]
    assert saved == sorted(saved)
    assert 200 < len(saved) < 300
    assert (saved[0], saved[-1]) == (names[0], names[-1])


def test_repair_of_what_is_no_database_begins_anew(store):
    store.path.write_bytes(b"nothing of use")
    told = repair(store.path)
    assert told.aside.read_bytes() == b"nothing of use"
    assert set(told.to_dict()["saved"].values()) == {0}
    assert store.find() == []


def test_a_database_of_another_program_is_left_alone(store, rule, run):
    db = sqlite3.connect(store.path)
    db.execute("CREATE TABLE theirs (x)")
    db.close()
    before = store.path.read_bytes()
    with pytest.raises(DataError, match="is a database of another program; it stays as it is"):
        store.record(run("r1"), [rule("tea")])
    assert store.path.read_bytes() == before


def test_a_newer_version_is_not_touched(store, rule, run):
    store.record(run("r1"), [rule("tea")])
    with connection.writing(store.path) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(DataError, match=r"written by a newer version \(tables 99, known 1\)"):
        store.find()


@pytest.mark.parametrize("work", ["find", "check"])
def test_an_earlier_version_is_brought_up_to_date_with_all_in_it(
    store, monkeypatch, work, rule, run
):
    store.record(run("r1"), [rule("tea")])
    more = (*schema.SCRIPTS, "CREATE TABLE later (x TEXT) STRICT; INSERT INTO later VALUES ('a')")
    monkeypatch.setattr(schema, "SCRIPTS", more)
    monkeypatch.setattr(connection, "SCRIPTS", more)
    getattr(store, work)()
    with connection.reading(store.path) as db:
        assert db.execute("SELECT x FROM later").fetchone()[0] == "a"
        assert db.execute("PRAGMA user_version").fetchone()[0] == 2
    assert store.count() == 1


def test_a_path_with_odd_signs_works(tmp_path, rule, run):
    store = FindingStore(tmp_path / "a b?#%é" / "findings.db")
    store.record(run("r1"), [rule("tea")])
    assert store.count() == 1


def _damage(path):
    """Write over the middle of the file, its log folded in before."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * 8192)
