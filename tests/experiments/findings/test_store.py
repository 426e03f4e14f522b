"""Findings kept: recorded, found, judged, and never overrun."""

import math
import sqlite3
from contextlib import closing

import pytest

from experiments.findings import ChangedMeanwhile, Evidence, Filter, connection
from experiments.findings.identity import finding_id
from experiments.findings.status import CHANGES, STATUSES, check_change
from lodeworks import ConfigError, DataError, LodeError


def test_the_same_pattern_is_the_same_record_with_one_more_observation(store, rule, run):
    first = store.record(run("r1", 1), [rule("tea"), rule("jam")])
    second = store.record(run("r2", 2), [rule("tea", evidence=Evidence(n=9, lift=3.0))])
    assert (first.new, first.again, second.new, second.again) == (2, 0, 0, 1)
    tea = store.get(finding_id("rule", {"if": ["tea"], "then": ["milk"]}, "shop"))
    assert (tea.times, tea.latest.evidence.lift, tea.status) == (2, 3.0, "proposed")
    assert (tea.first_seen[:10], tea.last_seen[:10]) == ("2026-01-01", "2026-01-02")
    assert [seen.run_id for seen in store.history(tea.id)[0]] == ["r1", "r2"]
    assert store.count() == 2


def test_everything_comes_back_as_it_was_given(store, rule, run):
    draft = rule("té 🍵", "<b>", money=1.5, money_low=-1.0, currency="GBP", source="rules")
    store.record(run("r1", as_of="2026-01-01", list_sha256="abc"), [draft])
    (found,) = store.find()
    assert (found.pattern, found.touches) == (draft.pattern, draft.touches)
    assert (found.latest.words, found.latest.evidence) == (draft.words, draft.evidence)
    assert (found.latest.money, found.latest.money_low, found.latest.money_high) == (
        1.5,
        -1.0,
        None,
    )
    assert (found.latest.currency, found.latest.source) == ("GBP", "rules")
    assert store.runs() == [run("r1", as_of="2026-01-01", list_sha256="abc")]


def test_numbers_that_are_none_or_infinite_are_not_known(store, rule, run):
    evidence = Evidence(n=3, lift=math.inf, p=math.nan, stability={"2026-01": math.nan})
    store.record(run("r1"), [rule("tea", evidence=evidence, money=math.nan)])
    (found,) = store.find()
    assert (found.latest.evidence.lift, found.latest.evidence.p, found.latest.money) == (None,) * 3
    assert found.latest.evidence.stability == {"2026-01": None}


def test_a_run_that_is_recorded_again_replaces_what_it_said(store, rule, run):
    store.record(run("r1"), [rule("tea"), rule("jam")])
    store.record(run("r1"), [rule("tea")])
    assert {name: seen.found for name, seen in store.observations("r1").items()} == {
        finding_id("rule", rule("tea").pattern, "shop"): True
    }


def test_of_one_pattern_twice_the_first_counts_and_all_evidence_ids_do(store, rule, run):
    drafts = [
        rule("tea", source="one", evidence_ids=("ease:tea>milk",)),
        rule("tea", source="two", evidence_ids=("alike:tea>milk",), money=2.0, currency="GBP"),
    ]
    assert store.record(run("r1"), drafts).new == 1
    for name in ("ease:tea>milk", "alike:tea>milk"):
        latest = store.get(name).latest
        assert (latest.source, latest.money, latest.currency) == ("one", 2.0, "GBP")
    assert len(set(store.evidence_ids("r1").values())) == 1


def test_what_was_only_measured_again_does_not_count_as_found(store, rule, run):
    store.record(run("r1", 1), [rule("tea")])
    store.record(
        run("r2", 2), [rule("jam")], measured_again=[rule("tea", evidence=Evidence(n=5, lift=1.0))]
    )
    tea = store.get(store.find(Filter(text="tea"))[0].id)
    assert (tea.times, tea.latest.found, tea.latest.evidence.lift) == (1, False, 1.0)
    assert tea.last_seen[:10] == "2026-01-01"
    assert [one.pattern["if"] for one in store.find(Filter(run="r2"))] == [["jam"]]


def test_nothing_is_kept_when_one_draft_fails(store, rule, run):
    store.record(run("r1"), [rule("tea")])

    def drafts():
        yield rule("jam")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        store.record(run("r2"), drafts())
    assert (store.count(), [one.run_id for one in store.runs()]) == (1, ["r1"])


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["tea", "jam", "rum"]),
        ({"text": "JA"}, ["jam"]),
        ({"text": "%"}, []),
        ({"min_money": 2.0}, ["tea", "jam"]),
        ({"kinds": ("segment",)}, []),
        ({"kinds": ("rule", "leaf")}, ["tea", "jam", "rum"]),
        ({"statuses": ("rejected",)}, ["jam"]),
        ({"question": "other"}, []),
        ({"limit": 1}, ["tea"]),
        ({"run": "r1", "text": "tea"}, ["tea"]),
    ],
)
def test_findings_are_looked_up_those_with_most_money_first(store, wanted, names, rule, run):
    store.record(run("r1"), [rule("rum"), rule("jam", money=2.0), rule("tea", money=9.0)])
    store.change(store.find(Filter(text="jam"))[0].id, "rejected", who="ann")
    assert [one.pattern["if"][0] for one in store.find(Filter(**wanted))] == names
    if "limit" not in wanted:
        assert store.count(Filter(**wanted)) == len(names)


def test_findings_without_money_come_surest_first(store, rule, run):
    sure = Evidence(n=9, lift=2.0, p=0.001, p_adjusted=0.01)
    unsure = Evidence(n=9, lift=2.0, p=0.2, p_adjusted=0.9)
    store.record(
        run("r1"),
        [rule("c", evidence=Evidence(n=9)), rule("b", evidence=unsure), rule("a", evidence=sure)],
    )
    assert [one.pattern["if"] for one in store.find()] == [["a"], ["b"], ["c"]]


def test_all_wrong_wishes_are_named_at_once():
    with pytest.raises(ConfigError) as caught:
        Filter(kinds=("rle",), statuses=("done",), limit=0)
    assert caught.value.problems[0] == "no kind is called 'rle'; did you mean 'rule'?"
    assert len(caught.value.problems) == 3


def test_a_run_that_is_not_known_is_refused_with_those_that_are(store, rule, run):
    store.record(run("r1"), [rule("tea")])
    with pytest.raises(DataError, match="no run 'r9' recorded findings; the latest that did: r1"):
        store.find(Filter(run="r9"))


def test_a_name_may_be_an_id_its_beginning_or_the_evidence_of_a_row(store, rule, run):
    store.record(run("r1"), [rule("tea", evidence_ids=("rule:tea>milk", "leaf:3"))])
    (one,) = store.find()
    for name in (one.id, one.id[:6], "rule:tea>milk", "leaf:3", f"finding:{one.id}"):
        assert store.get(name).id == one.id
    with pytest.raises(DataError, match="no finding and no evidence of a list is called 'leaf:4'"):
        store.get("leaf:4")
    with pytest.raises(DataError, match=f"did you mean '{one.id}'"):
        store.get(f"{one.id[:-1]}x")


def test_evidence_of_the_latest_run_is_meant_unless_another_is_named(store, rule, run):
    store.record(run("r1", 1), [rule("tea", evidence_ids=("leaf:3",))])
    store.record(run("r2", 2), [rule("jam", evidence_ids=("leaf:3",))])
    assert store.get("leaf:3").pattern["if"] == ["jam"]
    assert store.get("leaf:3", run="r1").pattern["if"] == ["tea"]


def test_a_beginning_that_several_share_is_refused_with_all_of_them(store, monkeypatch, rule, run):
    store.record(run("r1"), [rule("tea"), rule("jam")])
    monkeypatch.setattr("experiments.findings.names.SHORTEST", 1)
    with pytest.raises(DataError, match="F may be any of 2 findings") as caught:
        store.get("F")
    assert list(caught.value.problems) == sorted(one.id for one in store.find())


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_only_changes_that_make_sense_are_made(before, after):
    if after in CHANGES[before]:
        check_change(before, after)
        return
    with pytest.raises(LodeError, match="already" if before == after else "cannot become"):
        check_change(before, after)


def test_a_decision_is_in_the_history_with_who_and_why(store, rule, run):
    store.record(run("r1"), [rule("tea")])
    (one,) = store.find()
    changed = store.change(one.id, "accepted", who="ann", note="makes sense")
    assert (changed.status, changed.version) == ("accepted", 2)
    store.note(one.id, "<script> = 1", who="bob")
    status, note = store.history(one.id)[1]
    assert (status.who, status.before, status.after) == ("ann", "proposed", "accepted")
    assert (status.note, note.what, note.who, note.note) == (
        *("makes sense", "note", "bob", "<script> = 1"),
    )


def test_what_somebody_else_decided_meanwhile_is_not_overrun(store, rule, run):
    store.record(run("r1"), [rule("tea")])
    (seen,) = store.find()
    store.change(seen.id, "accepted", who="ann", version=seen.version)
    with pytest.raises(ChangedMeanwhile, match=f"{seen.id} was accepted by ann at .*; look again"):
        store.change(seen.id, "rejected", who="bob", version=seen.version)
    with pytest.raises(LodeError, match=r"it is accepted already .*by ann"):
        store.change(seen.id, "accepted", who="bob")
    assert store.get(seen.id).status == "accepted"
    assert [event.who for event in store.history(seen.id)[1]] == ["ann"]


@pytest.mark.parametrize("who", ["", "  "])
def test_a_decision_needs_a_name(store, who, rule, run):
    store.record(run("r1"), [rule("tea")])
    (one,) = store.find()
    with pytest.raises(ConfigError, match="say who decides"):
        store.change(one.id, "accepted", who=who)
    with pytest.raises(ConfigError, match="the note is empty"):
        store.note(one.id, " ", who="ann")


def test_a_rejected_pattern_is_not_proposed_again(store, rule, run):
    store.record(run("r1", 1), [rule("tea")])
    (one,) = store.find()
    store.change(one.id, "rejected", who="ann")
    again = store.record(run("r2", 2), [rule("tea"), rule("jam")])
    assert (again.new, again.again, again.rejected) == (1, 0, 1)
    assert store.get(one.id).status == "rejected"
    assert [f.pattern["if"] for f in store.find(Filter(statuses=("proposed",)))] == [["jam"]]


def test_accepted_findings_are_acted_on_and_then_measured_others_stay(store, rule, run):
    drafts = [rule(name, evidence_ids=(f"rule:{name}",)) for name in ("tea", "jam", "rum")]
    store.record(run("r1"), drafts)
    names = ["rule:tea", "rule:jam", "rule:unknown"]
    store.change("rule:tea", "accepted", who="ann")
    given = {"who": "lode", "why": "sent", "names": names}
    assert store.follow("r1", status="acted", **given) == 1
    assert store.follow("r1", status="acted", **given) == 0
    assert store.follow("r1", status="measured", **given) == 1
    assert [store.get(f"rule:{name}").status for name in ("tea", "jam", "rum")] == [
        *("measured", "proposed", "proposed"),
    ]


def test_the_last_word_within_a_span_is_given(store, rule, run):
    for day, lift in ((1, 1.0), (2, 2.0), (3, 3.0)):
        store.record(run(f"r{day}", day), [rule("tea", evidence=Evidence(n=9, lift=lift))])
    (name,) = store.observed()
    assert store.observed()[name].evidence.lift == 3.0
    assert store.observed(before="2026-01-03")[name].evidence.lift == 2.0
    assert store.observed(since="2026-01-04") == {}


def test_the_day_that_the_first_finder_knew_of_is_kept(store, rule, run):
    store.record(run("r1", 1, as_of="2025-12-01"), [rule("tea")])
    store.record(run("r2", 2, as_of="2025-12-02"), [rule("tea")])
    assert set(store.known_through().values()) == {"2025-12-01"}


@pytest.fixture
def set_back(store, rule, run):
    """Record three runs; the clock is set back by a week before the second, and again."""
    lifts = {"r1": 1.5, "r2": 2.0, "r3": 2.5}
    for (name, lift), day in zip(lifts.items(), (20, 13, 6), strict=True):
        told = {"evidence": Evidence(n=9, lift=lift), "evidence_ids": ("leaf:1",)}
        seen = [rule("tea", **told), rule(name, evidence=Evidence(n=9, lift=lift))]
        store.record(run(name, day, as_of=f"2025-12-0{name[1]}"), seen)
    return store


class TestAClockSetBack:
    """What counts is the order in which runs recorded; their times are shown as they were."""

    def test_the_latest_observation_is_the_one_recorded_last(self, set_back):
        one = set_back.get("leaf:1")
        assert (one.latest.run_id, one.latest.evidence.lift, one.times) == ("r3", 2.5, 3)
        assert one.latest.recorded_at == one.last_seen == "2026-01-06T12:00:00+00:00"
        assert one.first_seen == "2026-01-20T12:00:00+00:00"

    def test_history_and_runs_stand_in_their_order(self, set_back):
        one = set_back.get("leaf:1")
        seen, _ = set_back.history(one.id)
        assert [each.run_id for each in seen] == ["r1", "r2", "r3"]
        assert [each.recorded_at[8:10] for each in seen] == ["20", "13", "06"]
        assert [each.run_id for each in set_back.runs()] == ["r1", "r2", "r3"]
        with pytest.raises(DataError, match="the latest that did: r3, r2, r1"):
            set_back.observations("r9")

    def test_equal_findings_stand_latest_first(self, set_back):
        alone = [one.pattern["if"] for one in set_back.find() if one.times == 1]
        assert alone == [["r3"], ["r2"], ["r1"]]

    def test_the_first_finder_is_who_recorded_first(self, set_back):
        assert set_back.known_through()[set_back.get("leaf:1").id] == "2025-12-01"

    def test_the_last_word_of_a_span_is_the_one_recorded_last(self, set_back):
        one = set_back.get("leaf:1").id
        assert set_back.observed()[one].run_id == "r3"
        assert set_back.observed(since="2026-01-10")[one].run_id == "r2"

    def test_evidence_is_of_the_run_recorded_last(self, store, rule, run):
        store.record(run("r1", 2), [rule("tea", evidence_ids=("leaf:3",))])
        store.record(run("r2", 1), [rule("jam", evidence_ids=("leaf:3",))])
        assert store.get("leaf:3").pattern["if"] == ["jam"]

    def test_it_survives_the_file_being_packed(self, set_back):
        with closing(sqlite3.connect(set_back.path)) as db:
            db.execute("VACUUM")
        assert [each.run_id for each in set_back.runs()] == ["r1", "r2", "r3"]
        assert set_back.get("leaf:1").latest.run_id == "r3"


def test_a_run_recorded_again_leaves_no_finding_with_the_figures_of_another(store, rule, run):
    store.record(run("r1"), [rule("tea", evidence=Evidence(n=9, lift=2.0))])
    both = [rule(name, evidence=Evidence(n=9, lift=3.0)) for name in ("tea", "jam")]
    store.record(run("r2", 2), both)
    store.record(run("r2", 2), [rule("jam", evidence=Evidence(n=9, lift=4.0))])
    found = {one.pattern["if"][0]: one for one in store.find()}
    assert {name: one.latest.evidence.lift for name, one in found.items()} == {
        "tea": 2.0,
        "jam": 4.0,
    }
    assert all(one.latest.finding_id == one.id for one in found.values())
    assert (found["tea"].times, found["tea"].last_seen[8:10]) == (1, "01")


def test_ten_thousand_findings_take_no_more_queries_than_two(store, rule, run, monkeypatch):
    asked = []

    def opened(path, mode, *, as_before=connection._open):
        found = as_before(path, mode)
        found.set_trace_callback(asked.append)
        return found

    monkeypatch.setattr(connection, "_open", opened)
    queries = []
    for number in (2, 10_000):
        store.record(run(f"r{number}"), [rule(f"item {n}", money=n) for n in range(number)])
        asked.clear()
        found = store.find()
        queries.append(len(asked))
        assert (len(found), found[0].latest.money) == (number, number - 1)
    assert queries[0] == queries[1] > 0


def test_the_tables_refuse_what_would_not_hold_together(store, rule, run):
    store.record(run("r1"), [rule("tea")])
    db = sqlite3.connect(store.path)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        db.execute("UPDATE findings SET status = 'fine'")
    db.close()
