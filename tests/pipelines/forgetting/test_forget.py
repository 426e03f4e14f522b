import fcntl
import json
import re
import shutil
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from experiments.findings import Draft, Evidence, FindingStore, RunFacts, Words
from features.privacy import Forgotten, keep_out
from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, DataError, LodeError
from lodeworks.files import file_digest
from pipelines.forgetting import files, forget, warehouse
from pipelines.forgetting import journal as journals
from pipelines.workspace import Workspace


def content(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in ("lock", ".warehouse.duckdb.lock")
    }


def test_the_customer_is_gone_from_every_table(done, ask):
    for table in ("lines", "customers", "customers_history", "customers_rows", "sessions"):
        assert ask(done, f"SELECT count(*) FROM {table} WHERE customer_id = 'C101'") == [(0,)]
    assert ask(done, "SELECT count(*) FROM lines") == [(32,)]
    assert ask(done, "SELECT customer_id, region FROM customers_history ORDER BY ALL") == [
        ("C100", "north"),
        ("C102", "north"),
        ("C102", "south"),
        ("C103", "north"),
        ("C104", "north"),
    ]
    assert ask(done, "SELECT head, customer_id FROM households") == [("bob", "C102")]


def test_sessions_go_with_the_visitor_unless_another_customer_is_behind_it(done, ask):
    found = ask(done, "SELECT session_id FROM sessions ORDER BY 1")
    assert found == [("s3",), ("s5",), ("s6",)]


def test_rejected_rows_keep_their_count_and_lose_their_content(done, ask):
    found = ask(done, "SELECT source_line, reason, row FROM rejected ORDER BY 1")
    assert [(line, row == "null") for line, _, row in found] == [
        (42, True),
        (43, False),
        (44, True),
        (45, True),
    ]
    assert found[0][1] == "quantity is not above 0"
    assert "C1010" in found[1][2]


def test_what_is_derived_is_what_a_load_without_the_customer_gives(done, template, ask, tmp_path):
    sources = []
    for source in template.sources:
        rows = Path(source.path).read_text().splitlines(keepends=True)
        rows = [row for row in rows if "C101" not in row or "C1010" in row]
        path = tmp_path / f"{source.name}.csv"
        path.write_text("".join(row for row in rows if not row.startswith("s2,")))
        sources.append(source.model_copy(update={"path": str(path)}))
    with Warehouse.open(None) as fresh:
        fresh.load(sources)
        digest = fresh.digest
    assert ask(done, "SELECT value FROM facts WHERE name = 'digest'") == [(digest,)]


def test_lists_lose_their_rows_and_their_manifest_says_so(done):
    run = done.root / "runs" / "20240301-shop"
    assert pd.read_parquet(run / "list.parquet")["customer_id"].tolist() == ["C102", "C103"]
    about = json.loads((run / "manifest.json").read_text())
    assert about["list_sha256"] == file_digest(run / "list.parquet")
    assert about["list"] == {"rows": 2, "target_customers": 1, "control_customers": 1}
    assert about["forgotten_customers"] == 1
    assert about["note"] == "as is"
    other = (done.root / "runs" / "other.csv").read_text()
    assert other == "customer_id,item_id,group\nC102,P1,target\nC103,P0,control\n"


def test_texts_and_the_tracking_database_lose_the_name_only(done):
    report = (done.root / "runs" / "20240301-shop" / "report.html").read_text()
    assert report == "<p>best customer: [forgotten], then C1011</p>"
    sample = json.loads((done.root / "artifacts" / "r1" / "sample.json").read_text())
    assert sample == {"who": ["[forgotten]", "C102"], "[forgotten]": 5}
    database = sqlite3.connect(done.root / "mlflow.db")
    assert database.execute("SELECT value FROM params").fetchall() == [
        ("customer [forgotten] of shop",)
    ]
    database.close()


def test_kept_steps_are_dropped_and_exported_bundles_stay(done):
    assert [path.name for path in (done.root / "cache").iterdir()] == ["act"]
    assert (done.root / "cache" / "act" / "bundle-1" / "meta.json").read_text() == "{}"


def test_no_byte_of_the_name_is_left(done):
    pattern = re.compile(rb"(?i)(?<![0-9a-z])c101(?![0-9a-z])")
    left = [name for name, data in content(done.root).items() if pattern.search(data)]
    assert left == []
    assert not (done.root / ".forgetting").exists()
    assert "C101" not in json.dumps(done.certificate.to_dict(), default=str)


def test_the_certificate_tells_every_place_before_and_after(done):
    told = json.loads(done.certificate.path.read_text())
    places = {one["place"]: (one["before"], one["after"]) for one in told["places"]}
    assert places["warehouse: lines"] == (8, 0)
    assert places["warehouse: customers_history"] == (2, 0)
    assert places["warehouse: rejected"] == (3, 0)
    assert places["warehouse: sessions"] == (3, 0)
    assert places["warehouse: items"] == (0, 0)
    assert places["runs/20240301-shop/list.parquet"] == (2, 0)
    assert places["runs/20240301-shop/report.html"] == (1, 0)
    assert places["cache/transform/snapshot-1/customers.parquet"] == (2, 0)
    assert places["mlflow.db"] == (1, 0)
    assert set(told["outside"].values()) == {"holds the customer"}
    assert len(told["outside"]) == 5
    assert told["left"] == 0
    assert told["removed"] == sum(before for before, _ in places.values())
    assert told["reason"] == "asked for it"
    assert "8 before, 0 after" in done.certificate.text()


def test_lines_of_others_are_as_before(done, template, ask):
    others = "SELECT * EXCLUDE source_file FROM lines WHERE customer_id <> 'C101' ORDER BY ALL"
    assert ask(done, others) == ask(template, others)


def test_the_mark_is_no_name_and_depends_on_the_key(place, monkeypatch):
    forget(place.root, "C101")
    text = (place.root / "forgotten.json").read_text()
    assert "C101" not in text
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", "another key of a good length")
    with pytest.raises(ConfigError, match="was made with another key"):
        Forgotten.beside(place.root / "warehouse.duckdb")
    monkeypatch.delenv("LODE_PSEUDONYM_KEY")
    with pytest.raises(ConfigError, match="keeps forgotten customers out, but") as caught:
        Forgotten.beside(place.root / "warehouse.duckdb")
    assert "give the key used then" in str(caught.value)
    assert "make one" not in str(caught.value)


@pytest.mark.parametrize("anew", [False, True])
def test_a_load_of_the_same_files_does_not_bring_the_customer_back(place, ask, anew):
    forget(place.root, "C101")
    if anew:
        (place.root / "warehouse.duckdb").unlink()
    with Warehouse.open(place.root / "warehouse.duckdb") as warehouse:
        warehouse.load(place.sources)
        digest = warehouse.digest
    assert ask(place, "SELECT count(*) FROM lines WHERE customer_id = 'C101'") == [(0,)]
    assert ask(place, "SELECT count(*) FROM customers") == [(4,)]
    assert ask(place, "SELECT count(*) FROM rejected WHERE row LIKE '%C101%'") == [(1,)]  # C1010
    assert forget(place.root, "C101").removed == 0
    assert ask(place, "SELECT value FROM facts WHERE name = 'digest'") == [(digest,)]


def test_without_the_key_no_load_can_bring_anybody_back(place, monkeypatch):
    forget(place.root, "C101")
    monkeypatch.delenv("LODE_PSEUDONYM_KEY")
    (place.root / "warehouse.duckdb").unlink()
    warehouse = Warehouse.open(place.root / "warehouse.duckdb")
    with pytest.raises(ConfigError, match="keeps forgotten customers out, but"):
        warehouse.load(place.sources)
    assert not (place.root / "warehouse.duckdb").exists()


def test_nobody_is_kept_out_of_a_warehouse_in_memory():
    forgotten = Forgotten.beside(None)
    assert not forgotten
    assert keep_out(None, forgotten) == {}


def test_forgetting_twice_finds_nothing_and_says_so(place):
    forget(place.root, "C101")
    again = forget(place.root, "C101")
    assert again.removed == 0
    assert len(list((place.root / "forgotten").iterdir())) == 2


def test_two_customers_are_both_kept_out(place):
    forget(place.root, "C101")
    forget(place.root, "C102")
    forgotten = Forgotten.beside(place.root / "warehouse.duckdb")
    assert forgotten.among(["C100", "C101", "C102"]) == {"C101", "C102"}


def test_a_number_that_is_an_item_too_is_left_where_it_is_one(place, ask):
    connection = duckdb.connect(str(place.root / "warehouse.duckdb"))
    connection.execute("UPDATE lines SET item_id = '17850' WHERE item_id = 'P2'")
    connection.execute("UPDATE lines SET customer_id = '17850' WHERE customer_id = 'C101'")
    connection.close()
    (place.root / "runs" / "figures.json").write_text('{"rows": 17850}')
    certificate = forget(place.root, "17850")
    assert ask(place, "SELECT count(*) FROM lines WHERE customer_id = '17850'") == [(0,)]
    assert ask(place, "SELECT count(*) > 0 FROM lines WHERE item_id = '17850'") == [(True,)]
    assert (place.root / "runs" / "figures.json").read_text() == '{"rows": 17850}'
    assert certificate.same_text["runs/figures.json"] == 1
    assert certificate.same_text["warehouse: lines.item_id"] == 13


def test_a_pseudonym_is_found_by_the_real_name(place, ask):
    from features.privacy import pseudonym

    hashed = pseudonym(["C101"], b"0123456789abcdef0123456789abcdef")[0]
    connection = duckdb.connect(str(place.root / "warehouse.duckdb"))
    connection.execute("UPDATE lines SET customer_id = ? WHERE customer_id = 'C101'", [hashed])
    connection.close()
    forget(place.root, "C101")
    assert ask(place, f"SELECT count(*) FROM lines WHERE customer_id = '{hashed}'") == [(0,)]


def test_an_unknown_customer_gets_no_hint_of_others(place):
    before = content(place.root)
    with pytest.raises(DataError, match="knows no such customer") as caught:
        forget(place.root, "C1O1")
    assert "C101" not in str(caught.value)
    assert content(place.root) == before


@pytest.mark.parametrize("name", ["", "  "])
def test_somebody_must_be_named(place, name):
    with pytest.raises(ConfigError, match="name the customer"):
        forget(place.root, name)


def test_without_the_key_nothing_happens(place, monkeypatch):
    monkeypatch.delenv("LODE_PSEUDONYM_KEY")
    before = content(place.root)
    with pytest.raises(ConfigError, match="LODE_PSEUDONYM_KEY is not set"):
        forget(place.root, "C101")
    assert content(place.root) == before


def test_a_reason_must_not_name_the_customer(place):
    with pytest.raises(ConfigError, match="the reason names the customer"):
        forget(place.root, "C101", reason="C101 wrote a letter")


def test_a_missing_workspace_is_not_made(tmp_path, place):
    with pytest.raises(ConfigError, match="there is no workspace"):
        forget(tmp_path / "nowhere", "C101")
    assert not (tmp_path / "nowhere").exists()


def test_a_workspace_in_use_is_left_alone(place):
    before = content(place.root)
    with Workspace(place.root).locked(), pytest.raises(LodeError, match="is in use by process"):
        forget(place.root, "C101")
    with (place.root / ".warehouse.duckdb.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LodeError, match="another process is loading"):
            forget(place.root, "C101")
    assert content(place.root) == before


def test_a_workspace_that_cannot_be_written_is_a_kind_error(place):
    (place.root / "lock").mkdir()
    with pytest.raises(LodeError, match="cannot be written"):
        forget(place.root, "C101")


def test_a_trace_that_cannot_be_removed_stops_everything(place):
    (place.root / "runs" / "odd.bin").write_bytes(b"\x00\x01 C101 \xff")
    before = content(place.root)
    with pytest.raises(LodeError, match="nothing was done") as caught:
        forget(place.root, "C101")
    assert [problem.endswith("odd.bin") for problem in caught.value.problems] == [True]
    assert content(place.root) == before


def test_a_death_before_the_decision_changes_nothing(place, monkeypatch):
    before = content(place.root)

    def die(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(journals, "write_text", die)
    with pytest.raises(KeyboardInterrupt):
        forget(place.root, "C101")
    assert content(place.root) == before


def test_a_death_after_the_decision_is_finished_by_the_next(place, ask, monkeypatch):
    finish = journals.finish_pending
    monkeypatch.setattr(journals, "finish_pending", lambda root: 1 / 0)
    monkeypatch.setattr(journals.Changes, "abandon", lambda self: None)
    with pytest.raises(ZeroDivisionError):
        forget(place.root, "C101")
    assert ask(place, "SELECT count(*) FROM lines WHERE customer_id = 'C101'") == [(8,)]
    assert finish(place.root)
    assert ask(place, "SELECT count(*) FROM lines WHERE customer_id = 'C101'") == [(0,)]
    assert not finish(place.root)


def test_words_are_whole_words():
    pattern = files.word(["12", "C(1"])
    text = b"12, 120, 3.12, x12, 'C(1' C(1) C(12"
    assert [match.start() for match in pattern.finditer(text)] == [0, 21, 26, 33]


def test_the_warehouse_is_written_again_where_leftover_bytes_read_like_the_name(place, monkeypatch):
    """The beginning of C1010 in unused bytes reads like C101, by chance of the memory."""
    seen = []

    def compacted_with_a_leftover(path):
        compact(path)
        seen.append(path)
        if len(seen) == 1:
            with path.open("ab") as file:
                file.write(b"\x00C101\x00")

    compact = warehouse.compact
    monkeypatch.setattr(warehouse, "compact", compacted_with_a_leftover)
    forget(place.root, "C101")
    assert len(seen) == 2


@pytest.fixture
def findings(place):
    """Keep findings that name the customer wherever a text can stand."""
    store = FindingStore(place.root / "findings.db")
    evidence = Evidence(n=100, lift=2.0, stability={"C101": 1.0})
    drafts = [
        Draft(
            kind="rule",
            pattern={"if": [f"gift for {name}"], "then": ["P1"]},
            words=Words("plain", {"en": f"{name} buys P1.", "example": name}),
            touches={"column": "customer_id", "op": "==", "value": name},
            evidence=evidence if name == "C101" else Evidence(n=100, lift=3.0),
            evidence_ids=(f"rule:{name}>P1",),
            source=f"asked by {name}",
        )
        for name in ("C101", "C102")
    ]
    store.record(RunFacts(run_id="r1", question="shop"), drafts)
    for one in store.find():
        store.note(one.id, "C101 and C102 asked for it", who="C101")
    other = next(one for one in store.find() if "C102" in one.latest.source)
    store.change(other.id, "accepted", who="ann", note="C101 is glad")
    return store


def names_in(root):
    """Give the files of findings that hold the name; cells of a database touch each other."""
    found = content(root).items()
    return [name for name, data in found if "findings" in name and re.search(rb"C101(?!\d)", data)]


def test_findings_and_notes_name_the_customer_no_more(place, findings):
    assert names_in(place.root) == ["findings.db"]
    certificate = forget(place.root, "C101")
    assert names_in(place.root) == []
    found = findings.find()
    assert len(found) == 2
    told = {one.latest.words.values["en"]: one for one in found}
    assert set(told) == {"[forgotten] buys P1.", "C102 buys P1."}
    other = told["C102 buys P1."]
    assert (other.status, other.latest.evidence.lift) == ("accepted", 3.0)
    assert [event.note for event in findings.history(other.id)[1]] == [
        *("[forgotten] and C102 asked for it", "[forgotten] is glad")
    ]
    places = {one.place: (one.before, one.after) for one in certificate.places}
    before, after = places["findings.db"]
    assert (before > 5, after) == (True, 0)
    findings.note(other.id, "still writable", who="ann")


def test_a_journal_that_a_crash_left_is_forgotten_too(place, findings, tmp_path):
    path = findings.path
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM findings").fetchone()
    one = findings.find()[0]
    findings.note(one.id, "C101 rang again", who="ann")
    for end in ("", "-wal"):
        shutil.copy(path.with_name(path.name + end), tmp_path / f"left{end}")
    reader.close()
    for end in ("", "-wal"):
        shutil.copy(tmp_path / f"left{end}", path.with_name(path.name + end))
    assert "findings.db-wal" in names_in(place.root)
    forget(place.root, "C101")
    assert names_in(place.root) == []
    assert [e.note for e in findings.history(one.id)[1]][-1] == "[forgotten] rang again"


def test_somebody_who_is_reading_the_findings_is_waited_for_and_then_said(place, findings):
    with sqlite3.connect(findings.path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM findings").fetchone()
        findings.note(findings.find()[0].id, "C101 rang again", who="ann")
        before = names_in(place.root)
        with pytest.raises(LodeError, match="being read or changed by another command"):
            forget(place.root, "C101")
        assert names_in(place.root) == before
    reader.close()
