"""Findings as the pages read them."""

import pytest

from app.readers.findings import FindingShelf
from app.readers.runs import Gone
from experiments.findings import Filter, FindingStore, RunFacts
from lodeworks.errors import DataError


def test_a_workspace_without_findings_has_none(tmp_path):
    shelf = FindingShelf(tmp_path)
    assert shelf.all() == []
    assert shelf.evidence_ids("r", "f") == []
    with pytest.raises(Gone, match="no findings"):
        shelf.open("F1")
    assert list(tmp_path.iterdir()) == []


def test_findings_are_read_once_until_something_changes(workspace, monkeypatch, kit):
    shelf, asked = FindingShelf(workspace), []
    plain = FindingStore.find
    monkeypatch.setattr(
        FindingStore, "find", lambda self, wanted=None: asked.append(1) or plain(self, wanted)
    )
    first = shelf.all()
    assert shelf.all() is first
    assert len(asked) == 1
    FindingStore(workspace / "findings.db").change(first[0].id, "accepted", who="anna")
    assert shelf.all()[0].status == "accepted"
    assert len(asked) == 2


def test_an_opened_finding_says_what_may_follow(workspace):
    shelf = FindingShelf(workspace)
    opened = shelf.open(shelf.all()[0].id)
    assert opened.changes == ("accepted", "rejected", "retired")
    assert len(opened.observations) == 1
    assert opened.events == []


def test_the_newest_event_stands_first(workspace):
    shelf = FindingShelf(workspace)
    name = shelf.all()[0].id
    for text in ("one", "two"):
        shelf.store.note(name, text, who="anna")
    assert [event.note for event in shelf.open(name).events] == ["two", "one"]


def test_another_name_is_gone(workspace):
    with pytest.raises(Gone):
        FindingShelf(workspace).open("F000")


def test_a_damaged_file_is_said_and_left(workspace):
    path = workspace / "findings.db"
    path.write_bytes(b"this is no database, " * 300)
    before = path.read_bytes()
    with pytest.raises(DataError, match="damaged"):
        FindingShelf(workspace).all()
    assert path.read_bytes() == before


def test_evidence_ids_of_a_run(workspace, kit):
    shelf = FindingShelf(workspace)
    (rule,) = shelf.store.find(Filter(min_money=30.0))
    assert shelf.evidence_ids(kit.LATE, rule.id) == ["rule:A>P1001"]


def test_a_writer_does_not_stop_readers(workspace, kit):
    shelf = FindingShelf(workspace)
    shelf.all()
    shelf.store.record(RunFacts(run_id="later", question="shop"), [kit.draft(["bread"], "butter")])
    assert len(shelf.all()) == 5
