"""`lode findings`: what a person types, reads and finds afterwards."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import pipelines
from experiments.findings import Draft, Evidence, RunFacts, Words
from pipelines.findings import store_of
from pipelines.workspace import Workspace

ROOT = Path(pipelines.__file__).parents[1]
EVIL = "=cmd|'/c calc'!A1<script>\x1b[31m\nTea"


def draft(name, *, lift=2.0, **known):
    evidence = Evidence(
        n=1000,
        confidence=0.2,
        lift=lift,
        lift_low=lift * 0.9,
        lift_high=lift * 1.1,
        p_adjusted=0.01,
    )
    return Draft(
        kind="rule",
        pattern={"if": [name], "then": ["milk"]},
        words=Words(
            "rule.baskets", {"if": [name], "then": ["milk"], "confidence": 0.2, "times": lift}
        ),
        evidence=evidence,
        currency="GBP",
        **known,
    )


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Two runs of a question in the workspace `.lode` of the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LODE_LANGUAGE", raising=False)
    monkeypatch.setenv("LODE_USER", "ann")
    kept = store_of(tmp_path / ".lode")
    first = RunFacts(run_id="r1", question="shop", recorded_at="2026-01-01T10:00:00+00:00")
    second = RunFacts(run_id="r2", question="shop", recorded_at="2026-02-01T10:00:00+00:00")
    kept.record(first, [draft("tea", money=5.0, evidence_ids=("rule:tea>milk",)), draft("jam")])
    kept.record(second, [draft("tea", lift=0.4, money=7.0), draft(EVIL)])
    return kept


def names(told):
    return [one["pattern"]["if"][0] for one in json.loads(told.out)["findings"]]


def test_findings_are_listed_one_a_line(lode, store):
    told = lode("findings", "list")
    assert told.code == 0
    lines = told.out.splitlines()
    assert len(lines) == 5
    assert lines[0].split()[:4] == [store.get("rule:tea>milk").id, "proposed", "rule", "7.00"]
    assert lines[-1] == "3 findings"
    assert "\x1b" not in told.out


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--item", "JAM"], ["jam"]),
        (["--min-money", 6], ["tea"]),
        (["--run", "r1"], ["tea", "jam"]),
        (["--kind", "segment"], []),
        (["--status", "accepted"], []),
        (["--limit", 1], ["tea"]),
    ],
)
def test_the_list_is_narrowed(lode, store, words, found):
    told = lode("findings", "list", "--json", *words)
    assert (told.code, names(told)) == (0, found)


def test_more_than_are_shown_are_counted(lode, store):
    told = lode("findings", "list", "--limit", 1)
    assert told.out.splitlines()[-1] == "3 findings, 1 shown; --limit shows more"
    assert json.loads(lode("findings", "list", "--limit", 1, "--json").out)["count"] == 3
    assert lode("findings", "list", "--item", "gin").out == "no findings match\n"


def test_the_language_is_an_option_or_in_the_environment(lode, store, monkeypatch):
    assert "也含有milk" in lode("findings", "list", "--language", "zh").out
    monkeypatch.setenv("LODE_LANGUAGE", "zh")
    assert "已提出" in lode("findings", "list").out
    told = lode("findings", "list", "--language", "de")
    assert told.code == 2
    assert "no words in the language 'de'; allowed: en, zh" in told.err


def test_the_newest_run_says_the_language_where_nobody_else_does(lode, store, monkeypatch):
    for name, language in (("20250101-a", "zh"), ("20250201-b", None), ("20250301-c", "zh")):
        run = store.path.parent / "runs" / name
        run.mkdir(parents=True)
        about = {"config": {"language": language}}
        (run / "manifest.json").write_text(json.dumps(about))
    assert "已提出" in lode("findings", "list").out
    assert "proposed" in lode("findings", "list", "--language", "en").out
    monkeypatch.setenv("LODE_LANGUAGE", "en")
    assert "proposed" in lode("findings", "list").out
    monkeypatch.delenv("LODE_LANGUAGE")
    (store.path.parent / "runs" / "20250301-c" / "manifest.json").write_text("{broken")
    assert "proposed" in lode("findings", "list").out
    (store.path.parent / "runs" / "20250201-b" / "manifest.json").unlink()
    assert "已提出" in lode("findings", "list").out


def test_the_evidence_of_a_row_leads_to_its_finding(lode, store):
    told = lode("findings", "show", "rule:tea>milk")
    assert told.code == 0
    assert told.out.startswith("Baskets with tea also hold milk: 20.0%")
    assert '{"if": ["tea"], "then": ["milk"]}' in told.out
    assert told.out.count("n 1000, confidence 0.2, lift") == 3


def test_a_finding_as_json_has_all_of_it(lode, store):
    found = json.loads(lode("findings", "show", "rule:tea>milk", "--json").out)
    assert (found["money"], found["version"], found["times"]) == (7.0, 1, 2)
    assert [seen["run_id"] for seen in found["observations"]] == ["r1", "r2"]
    assert found["evidence"]["lift"] == 0.4


@pytest.mark.parametrize(
    ("command", "status"), [("accept", "accepted"), ("reject", "rejected"), ("retire", "retired")]
)
def test_a_decision_is_made_once(lode, store, command, status):
    told = lode("findings", command, "rule:tea>milk", "--because", "I know better")
    assert told.code == 0
    assert f" {status}: Baskets with tea" in told.out
    (event,) = store.history("rule:tea>milk")[1]
    assert (event.who, event.after, event.note) == ("ann", status, "I know better")
    again = lode("findings", command, "rule:tea>milk", "--who", "bob")
    assert again.code == 1
    assert f"it is {status} already" in again.err
    assert "by ann at" in again.err


def test_a_decision_on_what_was_seen_before_a_change_is_refused(lode, store):
    lode("findings", "accept", "rule:tea>milk")
    told = lode("findings", "reject", "rule:tea>milk", "--if-version", 1, "--json")
    assert told.code == 1
    assert json.loads(told.out)["error"]["kind"] == "ChangedMeanwhile"
    assert store.get("rule:tea>milk").status == "accepted"


def test_a_note_is_kept_and_shown(lode, store):
    assert lode("findings", "note", "rule:tea>milk", "ask\x1b the buyer", "--who", "bob").code == 0
    assert "bob  note: ask  the buyer" in lode("findings", "show", "rule:tea>milk").out


@pytest.mark.parametrize("given", [[], ["r1", "r2"], ["--since", "2026-01-15"]])
def test_what_changed_is_said(lode, store, given):
    told = json.loads(lode("findings", "diff", "--json", *given).out)
    changes = {one["statement"].split()[2]: one for one in told["changes"]}
    assert changes["tea"]["change"] == "contradicted"
    assert changes["tea"]["p_adjusted"] < 1e-6
    assert (changes["jam"]["change"], changes["jam"]["sure"]) == ("gone", False)
    assert told["counts"]["new"] == 1
    lines = lode("findings", "diff", *given).out.splitlines()
    assert lines[0].endswith("contradicted 1, gone 1, weaker 0, new 1, stronger 0, unchanged 0")
    assert lines[1].startswith("contradicted ")
    assert "lift 2 -> 0.4, p " in lines[1]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["r1"], 2, "give two runs, or --since DATE, or neither"),
        (["r1", "r2", "--since", "2026-01-01"], 2, "give two runs, or --since DATE"),
        (["r1", "r9"], 3, "no run 'r9' recorded findings; the latest that did: r2, r1"),
        (["--since", "2027-01-01"], 3, "no run recorded findings since 2027-01-01"),
    ],
)
def test_what_cannot_be_compared_is_refused(lode, store, given, code, said):
    told = lode("findings", "diff", *given)
    assert told.code == code
    assert said in told.err


def test_runs_of_different_questions_are_not_compared(lode, store):
    store.record(RunFacts(run_id="x1", question="other"), [draft("tea")])
    told = lode("findings", "diff", "r1", "x1")
    assert (told.code, "cannot be compared" in told.err) == (3, True)
    told = lode("findings", "diff")
    assert (told.code, "only one run of 'other'" in told.err) == (2, True)


def test_a_table_runs_no_formula(lode, store):
    told = lode("findings", "export", "--out", "f.csv")
    assert told.out == "3 findings written to f.csv\n"
    with Path("f.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows} == {"proposed"}
    assert not any(str(cell).startswith(("=", "+", "@")) for row in rows for cell in row.values())
    patterns = [json.loads(row["pattern"])["if"][0] for row in rows]
    assert sorted(patterns) == sorted([EVIL, "jam", "tea"])
    assert float(rows[0]["lift_low"]) == pytest.approx(0.36)


def test_a_question_that_looks_like_a_formula_gets_an_apostrophe(lode, store):
    store.record(RunFacts(run_id="x1", question="=1+1"), [draft("tea")])
    lode("findings", "export", "--out", "f.csv", "--run", "x1")
    assert pd.read_csv("f.csv")["question"].tolist() == ["'=1+1"]


def test_everything_is_exported_as_json(lode, store):
    lode("findings", "accept", "rule:tea>milk")
    assert lode("findings", "export", "--out", "f.json", "--item", "tea").code == 0
    values = json.loads(Path("f.json").read_text())
    assert [run["run_id"] for run in values["runs"]] == ["r1", "r2"]
    by_name = {one["pattern"]["if"][0]: one for one in values["findings"]}
    assert set(by_name) == {"tea", EVIL}
    assert [event["who"] for event in by_name["tea"]["events"]] == ["ann"]


def test_an_empty_export_has_a_header(lode, store):
    assert lode("findings", "export", "--out", "f.csv", "--item", "gin").code == 0
    assert Path("f.csv").read_text().strip() == "id"


def test_another_ending_is_refused(lode, store):
    told = lode("findings", "export", "--out", "f.pmml")
    assert told.code == 2
    assert "the name must end in .json or .csv" in told.err
    assert not Path("f.pmml").exists()


@pytest.mark.parametrize(
    "words",
    [["list"], ["show", "F12345"], ["accept", "F12345"], ["diff"], ["export", "--out", "f.csv"]],
)
def test_an_empty_workspace_is_no_riddle(lode, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    told = lode("findings", *words)
    assert told.code == 3
    assert "there are no findings in .lode yet" in told.err
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_refused_and_then_repaired(lode, store):
    sound = store.path.read_bytes()
    store.path.write_bytes(b"nothing of use" * 100)
    told = lode("findings", "list")
    assert told.code == 3
    assert "are damaged" in told.err
    assert "lode findings repair" in told.err
    told = lode("findings", "repair")
    assert told.code == 0
    assert "the damaged file was kept as" in told.out
    (aside,) = store.path.parent.glob("findings.db.damaged-*[0-9]")
    assert aside.read_bytes() == b"nothing of use" * 100
    assert aside.read_bytes() != sound
    assert lode("findings", "list").out == "no findings match\n"


def test_repair_without_a_file_says_so(lode, tmp_path):
    told = lode("findings", "repair", "--workspace", tmp_path / "new")
    assert told.code == 2
    assert "there is no file" in told.err


WRITE = """
import sys
from pathlib import Path
from experiments.findings.connection import writing
with writing(Path(sys.argv[1])) as db:
    db.execute("UPDATE findings SET status = 'retired'")
    print("begun", flush=True)
    sys.stdin.readline()
"""


def test_findings_are_read_while_another_process_writes_them(lode, store):
    command = [sys.executable, "-c", WRITE, str(store.path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as writer:
        assert writer.stdout.readline() == "begun\n"
        told = [lode("findings", "list"), lode("findings", "show", "rule:tea>milk")]
        assert [one.code for one in told] == [0, 0]
        assert "retired" not in told[0].out
        writer.communicate("end\n", timeout=60)
    assert lode("findings", "list").out.count(" retired ") == 3


def test_a_run_that_holds_the_workspace_keeps_nobody_from_judging(lode, store):
    with Workspace(store.path.parent).locked():
        assert lode("findings", "accept", "rule:tea>milk").code == 0
        assert lode("findings", "diff").code == 0


def test_ten_thousand_findings_are_listed_by_another_process(store, tmp_path):
    many = [draft(f"item {number}", money=number) for number in range(10_000)]
    store.record(RunFacts(run_id="r3", question="shop"), many)
    code = (
        "import resource, sys\n"
        "from pipelines.cli import main\n"
        "main(['findings', 'list', '--limit', '20000', '--workspace', sys.argv[1]])\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime, file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(store.path.parent)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert told.stdout.count("Baskets with item ") == 10_000
    assert "pandas" not in told.stderr
    assert float(told.stderr.split()[-1]) < 2  # processor time, the start of Python included
