"""Folders of runs."""

import json
import os
import shutil
import threading

import pytest

from app.readers.runs import Gone, RunStore
from lodeworks.errors import DataError


@pytest.fixture
def store(workspace):
    return RunStore(workspace / "runs")


def test_the_newest_run_stands_first(store, kit):
    assert [run.id for run in store.all()] == [kit.LATE, kit.EARLY]


def test_a_run_says_what_it_is(store, kit):
    run = store.get(kit.LATE)
    assert (run.kind, run.name, run.currency) == ("cross-sell", "shop", "GBP")
    assert run.headline == "Contact 3 customers"
    assert run.winner["candidate"] == "rules"
    assert run.list_file == run.folder / "list.parquet"
    assert run.tables() == ["list", "profit_curves", "rules", "segments", "tree"]


def test_an_answer_of_another_question_says_its_own_headline(workspace, kit):
    folder = kit.make_run(workspace, "20250301-080000-stay", kind="predict")
    about = json.loads((folder / "manifest.json").read_text())
    about |= {"kind": "predict", "headline": "Call 40", "metrics": {"auc": 0.8, "note": "x"}}
    (folder / "manifest.json").write_text(json.dumps(about))
    run = RunStore(workspace / "runs").get(folder.name)
    assert (run.kind, run.headline, run.metrics) == ("predict", "Call 40", {"auc": 0.8})


@pytest.mark.parametrize("name", ["", ".", "..", "../runs", "no", "a/b", "\x00", "x" * 300])
def test_other_names_lead_nowhere(store, name):
    with pytest.raises(Gone, match="it may have been deleted"):
        store.get(name)


def test_a_run_that_is_being_written_is_not_shown(store, kit):
    folder = store.root / f".{kit.LATE}.123-abc.tmp"
    shutil.copytree(store.root / kit.LATE, folder)
    assert len(store.all()) == 2
    with pytest.raises(Gone):
        store.get(folder.name)


@pytest.mark.parametrize("content", ["", "{", "[]", '"text"', "\x00", '{"command": '])
def test_a_broken_manifest_hides_that_run_only(store, kit, content):
    (store.root / kit.LATE / "manifest.json").write_text(content)
    assert [run.id for run in store.all()] == [kit.EARLY]


@pytest.mark.parametrize(
    "about",
    [{}, {"config": "x", "leaderboard": None, "list": 3, "seconds": None, "metrics": [1]}],
)
def test_a_manifest_of_another_time_still_gives_a_run(store, kit, about):
    (store.root / kit.LATE / "manifest.json").write_text(json.dumps(about))
    run = store.get(kit.LATE)
    told = (run.kind, run.name, run.headline, run.winner, run.metrics, run.seconds, run.currency)
    assert told == ("unknown", kit.LATE, "", {}, {}, 0.0, "")


def test_a_manifest_is_read_once_until_it_changes(store, kit, monkeypatch):
    read = []
    plain = json.loads
    monkeypatch.setattr("json.loads", lambda text: read.append(text) or plain(text))
    store.all()
    store.all()
    assert len(read) == 2
    path = store.root / kit.LATE / "manifest.json"
    path.write_text(path.read_text().replace("Mind the gap.", "Mind it."))
    os.utime(path, ns=(1, 1))
    assert store.get(kit.LATE).about["notes"] == ["Mind it."]
    assert len(read) == 3


def test_a_run_deleted_under_the_reader_is_gone(store, kit):
    run = store.get(kit.LATE)
    shutil.rmtree(run.folder)
    assert run.table("rules") is None
    assert run.list_file is None
    with pytest.raises(Gone, match=r"has no report\.html"):
        run.file("report.html")
    with pytest.raises(Gone):
        store.get(kit.LATE)


def test_a_broken_table_is_said(store, kit):
    run = store.get(kit.LATE)
    (run.folder / "rules.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DataError, match=r"rules\.parquet cannot be read"):
        run.table("rules")


def test_runs_come_and_go_while_others_read(store, kit):
    stop, wrong = threading.Event(), []

    def read():
        while not stop.is_set():
            try:
                for run in store.all():
                    run.table("tree")
            except BaseException as error:
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(30):
        folder = kit.make_run(store.root.parent, f"20260101-0000{n:02}-x")
        shutil.rmtree(folder)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
