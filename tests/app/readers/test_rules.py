"""Rules from findings, runs and files."""

import json
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.readers.rules import (
    ORDERS,
    Rule,
    Wanted,
    chosen,
    rules_in_file,
    rules_of_findings,
    rules_of_run,
)
from app.readers.runs import RunStore
from lodeworks.errors import DataError
from pipelines.findings.place import store_of

figures = st.floats(0, 10) | st.just(math.nan)
rules = st.lists(
    st.builds(
        Rule,
        id=st.text("ab", min_size=1),
        needs=st.lists(st.sampled_from(["tea", "milk"])).map(tuple),
        then=st.just(("scones",)),
        support=figures,
        confidence=figures,
        lift=figures,
        money=figures,
        p=figures,
    ),
    max_size=12,
)


def test_findings_that_are_rules_lead_to_their_pages(filled):
    found = rules_of_findings(store_of(filled).find())
    assert len(found) == 3
    best = found[0]
    assert (best.needs, best.then, best.lift, best.money) == (("tea",), ("scones",), 2.0, 40.0)
    assert (best.status, best.link) == ("proposed", f"/findings/{best.id}")


def test_rules_of_a_run(filled, kit):
    found = rules_of_run(RunStore(filled / "runs").get(kit.LATE))
    assert found[1].needs == ("tea", "milk")
    assert found[1].link == f"/rules/one?from={kit.LATE}&rule={found[1].id}"
    assert len({rule.id for rule in found}) == 4
    assert all(math.isnan(rule.money) for rule in found)


def test_a_run_without_rules_has_none(workspace, kit):
    (workspace / "runs" / kit.LATE / "rules.parquet").unlink()
    assert rules_of_run(RunStore(workspace / "runs").get(kit.LATE)) == []


MINED = {
    "antecedent": [["tea", "milk, 3 %"], ["bread"]],
    "consequent": [["scones"], ["butter"]],
    "support": [0.1, 0.2],
    "confidence": [0.5, 0.6],
    "lift": [2.0, 3.0],
}


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_mined_files_are_read_in_both_forms(tmp_path, ending):
    frame, path = pd.DataFrame(MINED), tmp_path / f"rules.{ending}"
    if ending == "csv":
        sides = {name: frame[name].map(json.dumps) for name in ("antecedent", "consequent")}
        frame.assign(**sides).to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    found = rules_in_file(path)
    assert [rule.needs for rule in found] == [("tea", "milk, 3 %"), ("bread",)]
    assert [rule.lift for rule in found] == [2.0, 3.0]
    assert found[0].text == "tea and milk, 3 % → scones"


def test_what_holds_no_rules_is_refused(tmp_path):
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(DataError, match="holds no rules"):
        rules_in_file(tmp_path / "x.parquet")
    (tmp_path / "y.parquet").write_bytes(b"no")
    with pytest.raises(DataError, match="cannot be read"):
        rules_in_file(tmp_path / "y.parquet")


@given(rules, st.sampled_from(sorted(ORDERS)), st.floats(0, 5))
def test_only_wanted_rules_in_order_and_unknown_figures_last(given_rules, order, least):
    found = chosen(given_rules, Wanted(lift=least, order=order))
    assert all(rule.lift >= least for rule in found)
    assert len(found) == sum(rule.lift >= least for rule in given_rules)
    keys = [ORDERS[order](rule) for rule in found]
    known = [key for key in keys if not math.isnan(key)]
    assert known == sorted(known, reverse=True)
    assert all(math.isnan(key) for key in keys[len(known) :])


@pytest.mark.parametrize("text", ["TEA", " tea ", "scon"])
def test_an_item_is_looked_for_on_both_sides_in_any_case(text):
    rule = Rule("a", ("Tea",), ("Scones",))
    assert chosen([rule, Rule("b", ("x",), ("y",))], Wanted(item=text)) == [rule]


def test_a_status_is_looked_for():
    kept = Rule("a", (), ("x",), status="accepted")
    assert chosen([kept, Rule("b", (), ("x",))], Wanted(status="accepted")) == [kept]
    assert kept.text == "anything → x"
