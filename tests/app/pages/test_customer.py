"""One customer's story."""

import pandas as pd
import pytest


def test_the_story_has_offers_reasons_and_history(owner, kit):
    text = owner.get("/customer?id=K1000001").text
    for said in ("Spend", "Region", "Life stage", "Bought tea.", "Bought milk.", "Latest lines"):
        assert said in text
    assert text.count("Bought tea.") == 2  # in both lists
    assert "Opt out no" in text
    assert "False" not in text


def test_a_look_is_noted_without_the_name(owner, workspace, kit):
    owner.get("/customer?id=K1000001")
    (entry,) = kit.audit_of(workspace)
    assert entry["action"] == "view customer"
    assert entry["what"] == f"customer {owner.app.state.bench.audit.hash_of('K1000001')}"
    assert "K1000001" not in (workspace / "audit.jsonl").read_text()


def test_an_attempt_is_noted_too(owner, workspace, kit):
    assert owner.get("/customer?id=nobody").status == 404
    assert len(kit.audit_of(workspace)) == 1


def test_who_is_not_found_is_near_to_others(owner):
    answer = owner.get("/customer?id=K10000")
    assert answer.status == 404
    assert "/customer?id=K1000001" in answer.links


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_an_address_of_an_owner_shows_others_nothing(workspace, kit, role):
    answer = kit.browser_of(workspace, role).get("/customer?id=K1000001")
    assert answer.status == 403
    assert "K1000001" not in answer.html
    assert "Spend" not in answer.text
    assert kit.audit_of(workspace) == []


def test_what_other_questions_say_is_shown_by_their_newest_run(owner, workspace, kit):
    for name, risk in (("20250301-080000-a", 0.11), ("20250302-080000-a", 0.77)):
        folder = kit.make_run(workspace, name, kind="predict")
        (folder / "list.parquet").unlink()
        scores = pd.DataFrame({"customer_id": ["K1000001", "K1"], "risk_share": [risk, 0.99]})
        scores.to_parquet(folder / "scores.parquet")
    text = owner.get("/customer?id=K1000001").text
    assert "What other questions say" in text
    assert "77%" in text
    assert "11%" not in text
    assert "99%" not in text


def test_a_name_with_markup_is_text(owner, kit):
    from urllib.parse import quote

    answer = owner.get(f"/customer?id={quote(kit.HOSTILE)}")
    assert answer.status == 404
    assert "img" not in [tag for tag, _ in answer.tags]
    assert "alert('x')" in answer.text


def test_a_customer_without_purchases_is_told_by_what_runs_say(owner, workspace, kit):
    folder = kit.make_run(workspace, "20250303-080000-stay", kind="predict")
    frame = pd.DataFrame({"customer_id": ["only-here"], "probability": [0.42], "reason_1": ["new"]})
    frame.to_parquet(folder / "list.parquet")
    answer = owner.get("/customer?id=only-here")
    assert answer.status == 200
    for said in ("No purchases of only-here are known", "What runs say", "42%", "new"):
        assert said in answer.text
    assert "Nobody of that name" not in answer.text
