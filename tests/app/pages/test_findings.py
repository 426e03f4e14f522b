"""Findings looked at, judged and talked about."""

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from experiments.findings import Filter, FindingStore, RunFacts


@pytest.fixture
def best(analyst):
    analyst.get("/")
    return analyst.app.state.bench.findings.all()[0].id


def store_of(browser):
    return FindingStore(browser.app.state.bench.workspace.root / "findings.db")


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 4), ("kind=rule", 3), ("status=proposed", 4), ("status=accepted", 0), ("q=MILK", 1),
     ("money=6", 2), ("kind=segment&money=1", 0)],
)  # fmt: skip
def test_findings_are_filtered(viewer, query, count):
    answer = viewer.get(f"/findings?{query}")
    rows = [link for link in answer.links if link.startswith("/findings/F")]
    assert len(rows) == count


def test_one_finding_says_all_about_itself(viewer, kit):
    one = viewer.app.state.bench.findings.all()[0]
    text = viewer.get(f"/findings/{one.id}").text
    for said in ("Who bought tea buys scones.", "£40", "Lift 2 1.5 to 2.5", "2024-10",
                 "3 customers (3 rows) of the list", "not used to find it", kit.LATE,
                 "You are here as viewer"):  # fmt: skip
        assert said in text


def test_one_that_adds_nothing_names_the_simpler_one(viewer):
    (longer,) = [one for one in viewer.app.state.bench.findings.all() if "milk" in str(one.pattern)]
    text = viewer.get(f"/findings/{longer.id}").text
    assert "this one adds nothing" in text
    assert "Who bought tea buys scones." in text


def test_a_decision_is_kept_with_who_and_why(analyst, best, workspace, kit):
    form = {"status": "accepted", "version": version_of(analyst, best), "note": "sells <b>"}
    answer = analyst.post(f"/findings/{best}/status", form)
    assert (answer.status, answer.headers["location"]) == (303, f"/findings/{best}")
    assert store_of(analyst).get(best).status == "accepted"
    text = analyst.get(f"/findings/{best}").text
    assert "tester: proposed → accepted" in text
    assert "sells <b>" in text
    assert kit.audit_of(workspace)[-1]["action"] == "accepted"


def version_of(browser, name):
    return str(store_of(browser).get(name).version)


def test_of_two_people_at_once_the_second_is_told(analyst, best):
    seen = version_of(analyst, best)
    first = analyst.post(f"/findings/{best}/status", {"status": "accepted", "version": seen})
    second = analyst.post(f"/findings/{best}/status", {"status": "rejected", "version": seen})
    assert (first.status, second.status) == (303, 409)
    assert "Somebody else was quicker" in second.text
    assert "by tester" in second.text
    assert store_of(analyst).get(best).status == "accepted"


def test_of_many_at_the_same_moment_one_wins(analyst, best):
    seen, csrf = version_of(analyst, best), analyst.csrf
    answers = []

    def decide(status):
        form = {"status": status, "version": seen, "csrf": csrf}
        answers.append(analyst.post(f"/findings/{best}/status", form).status)

    threads = [
        threading.Thread(target=decide, args=(status,))
        for status in ("accepted", "rejected", "accepted", "rejected")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409, 409, 409]
    assert len(store_of(analyst).history(best)[1]) == 1


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [("acceptd", 400, "did you mean 'accepted'"), ("", 400, "no status"),
     ("measured", 503, "cannot become measured")],
)  # fmt: skip
def test_a_status_that_cannot_be_is_refused(analyst, best, status, code, said):
    form = {"status": status, "version": version_of(analyst, best)}
    answer = analyst.post(f"/findings/{best}/status", form)
    assert answer.status == code
    assert said in answer.text
    assert store_of(analyst).get(best).status == "proposed"


def test_notes_are_kept_as_text(analyst, best, kit, workspace):
    answer = analyst.post(f"/findings/{best}/note", {"note": kit.HOSTILE})
    assert answer.headers["location"] == f"/findings/{best}#notes"
    page = analyst.get(f"/findings/{best}")
    assert "alert('x')" in page.text
    assert "img" not in [tag for tag, _ in page.tags]
    assert kit.audit_of(workspace)[-1]["action"] == "note"


def test_an_empty_note_is_refused(analyst, best):
    answer = analyst.post(f"/findings/{best}/note", {"note": "  "})
    assert answer.status == 400
    assert "empty" in answer.text


def test_a_damaged_file_is_said_and_kept(analyst, workspace):
    path = workspace / "findings.db"
    path.write_bytes(b"this is no database, " * 300)
    before = path.read_bytes()
    answer = analyst.get("/findings")
    assert answer.status == 503
    assert "damaged" in answer.text
    assert analyst.get("/lists").status == 200
    assert path.read_bytes() == before


@pytest.fixture
def about(workspace, kit):
    """Keep findings about the customers of the warehouse; give them by the name of their query."""
    with duckdb.connect(str(workspace / "warehouse.duckdb"), read_only=True) as connection:
        counts = connection.execute(
            "SELECT item_id, count(DISTINCT customer_id) FROM lines WHERE NOT is_return"
            " GROUP BY 1 ORDER BY 2, 1"
        ).fetchall()
    few, many = counts[0], counts[-1]
    assert few[1] < 5 < many[1]
    queries = {
        "many": {"bought": many[0]},
        "few": {"bought": few[0]},
        "segment": {"segment": "0"},
        "nothing": {},
    }
    store = FindingStore(workspace / "findings.db")
    drafts = {
        name: replace(kit.draft([name], "jam"), touches=query) for name, query in queries.items()
    }
    store.record(RunFacts(run_id="about", question="about"), drafts.values())
    by_side = {one.pattern["if"][0]: one.id for one in store.find(Filter(run="about"))}
    return by_side, {"many": f"{many[1]:,}", "few": f"{few[1]:,}"}


@pytest.mark.parametrize("role", ["viewer", "owner"])
def test_whom_it_fits_is_counted_in_the_warehouse(kit, workspace, about, role):
    ids, counts = about
    browser = kit.browser_of(workspace, role)
    text = {name: browser.get(f"/findings/{ids[name]}").text for name in ids}
    assert f"{counts['many']} customers in the warehouse fit it now" in text["many"]
    few = counts["few"] if role == "owner" else "fewer than 5"
    assert f"{few} customers in the warehouse fit it now" in text["few"]
    assert "in the warehouse" not in text["segment"] + text["nothing"]


def test_the_count_follows_the_warehouse(kit, workspace, about, tmp_path):
    ids, counts = about
    browser = kit.browser_of(workspace, "owner")
    assert f"{counts['many']} customers in" in browser.get(f"/findings/{ids['many']}").text
    aside = shutil.copy(workspace / "warehouse.duckdb", tmp_path / "aside")
    with duckdb.connect(str(aside)) as connection:
        connection.execute("DELETE FROM lines")
    Path(aside).replace(workspace / "warehouse.duckdb")
    assert "0 customers in the warehouse" in browser.get(f"/findings/{ids['many']}").text
    (workspace / "warehouse.duckdb").unlink()
    assert "in the warehouse" not in browser.get(f"/findings/{ids['many']}").text


def test_the_newest_run_says_the_language_unless_the_environment_does(kit, workspace, monkeypatch):
    monkeypatch.delenv("LODE_LANGUAGE", raising=False)
    manifest = workspace / "runs" / kit.LATE / "manifest.json"
    about = json.loads(manifest.read_text())
    about["config"]["language"] = "zh"
    manifest.write_text(json.dumps(about))
    browser = kit.browser_of(workspace)
    assert "已提出" in browser.get("/findings").text
    monkeypatch.setenv("LODE_LANGUAGE", "en")
    assert "proposed" in browser.get("/findings").text
