"""Rules on pages."""

import re

import pandas as pd
import pytest


def rows_of(answer):
    return [
        given["href"]
        for tag, given in answer.tags
        if given.get("aria-label", "").startswith("Open ")
    ]


def test_kept_rules_come_first(viewer):
    answer = viewer.get("/rules")
    assert "3 rules, kept as findings" in answer.text
    assert all(link.startswith("/findings/") for link in rows_of(answer))


@pytest.mark.parametrize(
    ("query", "count"),
    [("item=milk", 1), ("lift=2.5", 1), ("confidence=0.3", 3), ("support=0.05&lift=1", 2),
     ("money=1", 0), ("item=none", 0), ("lift=x", 4), ("order=nonsense", 4)],
)  # fmt: skip
def test_rules_of_a_run_are_filtered(viewer, kit, query, count):
    answer = viewer.get(f"/rules?from={kit.LATE}&{query}")
    assert len(rows_of(answer)) == count
    assert ("No rule fits" in answer.text) == (count == 0)


def test_kept_rules_stand_by_their_money_and_others_by_their_lift(viewer, kit):
    def chosen(answer):
        return re.findall(r"<option selected>(\w+)</option>", answer.html)

    assert "money" in chosen(viewer.get("/rules"))
    assert "lift" in chosen(viewer.get(f"/rules?from={kit.LATE}"))
    assert "p" in chosen(viewer.get("/rules?order=p"))


def test_points_and_arrows_lead_to_the_rules(viewer, kit):
    answer = viewer.get(f"/rules?from={kit.LATE}")
    linked = [given["href"] for tag, given in answer.tags if tag == "a" and "rule=" in
              given.get("href", "")]  # fmt: skip
    table = rows_of(answer)
    assert len(linked) == 4 + 4 + 5  # rows, points, arrows: one rule has two items
    assert set(linked) == set(table)
    assert viewer.get(table[0]).status == 200


def test_a_rule_that_adds_nothing_is_told(viewer, kit):
    answer = viewer.get(f"/rules?from={kit.LATE}&item=milk")
    text = viewer.get(rows_of(answer)[0]).text
    assert "this rule adds nothing" in text
    assert "tea → scones" in text


def test_a_simple_rule_shows_what_asks_for_more(viewer, kit):
    first = rows_of(viewer.get(f"/rules?from={kit.LATE}&lift=3"))[0]
    text = viewer.get(first).text
    assert "No simpler rule concludes the same as surely." in text
    assert "tea and milk → scones" in text


def test_a_mined_file_is_shown(workspace, kit, tmp_path):
    path = tmp_path / "mined.parquet"
    frame = pd.DataFrame({"antecedent": [["a"]], "consequent": [["b"]], "support": [0.1],
                          "confidence": [0.5], "lift": [2.0]})  # fmt: skip
    frame.to_parquet(path)
    browser = kit.browser_of(workspace, rules=(path,))
    answer = browser.get("/rules?from=mined.parquet")
    assert "1 rules, file mined.parquet" in answer.text
    assert browser.get(rows_of(answer)[0]).status == 200


def test_a_replaced_file_is_said(workspace, kit, tmp_path):
    path = tmp_path / "mined.parquet"
    path.write_bytes(b"no")
    answer = kit.browser_of(workspace, rules=(path,)).get("/rules?from=mined.parquet")
    assert answer.status == 503
    assert "mined.parquet cannot be read" in answer.text


def test_only_named_files_are_read(viewer):
    answer = viewer.get("/rules?from=/etc/passwd")
    assert "kept as findings" in answer.text
