"""Figures stand where they bear a reason out, and nowhere else."""

import numpy as np
import pandas as pd
import pytest

from models.recommend.base import Reason
from models.recommend.crowd import Crowd
from models.recommend.history import History
from pipelines.lists.reasons import Witness

DAY = pd.Timestamp("2024-01-31")


@pytest.fixture
def witness():
    """Forty customers: 10 bought A, 6 of them C; 8 bought C; all bought D; X>Y has a sign in it."""
    bought = [(c, "A") for c in range(10)] + [(c, "C") for c in [*range(6), 20, 21]]
    bought += [(c, "D") for c in range(40)] + [(c, "X>Y") for c in range(10)]
    lines = pd.DataFrame(bought, columns=["customer_id", "item_id"])
    lines["customer_id"] = lines["customer_id"].map("c{:02}".format)
    lines = lines.assign(order_id=lines["customer_id"], ordered_at=DAY, quantity=1.0, amount=1.0)
    history = History.from_purchases(lines, DAY)
    names = pd.Series(["Apples", "Cider", "Dates", "Mix"])
    return Witness.of(history, names)


def told(witness, evidence, item, text="said"):
    (found,) = witness.told([Reason(text, evidence)], np.array([witness.items.get_loc(item)]))
    assert found.evidence_id == evidence
    return found.text


@pytest.mark.parametrize("kind", ["alike", "ease", "network", "taste"])
def test_a_cause_is_borne_out_by_those_who_bought_both(witness, kind):
    assert told(witness, f"{kind}:A>C", "C") == (
        "Bought Apples; of the 10 customers who did, 60% also bought Cider,"
        " 3.0 times the usual share."
    )


def test_identifiers_may_hold_any_sign(witness):
    assert told(witness, "alike:X>Y>C", "C").startswith("Bought Mix; of the 10 customers")
    assert told(witness, "alike:A>X>Y", "X>Y").startswith("Bought Apples; of the 10 customers")


@pytest.mark.parametrize(
    ("evidence", "item"),
    [
        ("rule:A>C", "C"),  # rules have figures of their own
        ("popular:C", "C"),
        ("segment:3>C", "C"),
        ("alike:A>D", "D"),  # everybody buys D: no sign at all
        ("alike:C>C", "C"),
        ("alike:gone>C", "C"),
        ("", "C"),
    ],
)
def test_what_figures_would_only_decorate_keeps_its_words(witness, evidence, item):
    assert told(witness, evidence, item, "its own words") == "its own words"


@pytest.mark.parametrize(
    ("both", "text"),
    [
        (4, "Bought Apples; 4 of the 10 customers who did also bought Cider."),
        (1, "Bought Apples; 1 of the 10 customers who did also bought Cider."),
        (0, "Bought Apples, which points to Cider by way of other purchases."),
    ],
)
def test_few_who_bought_both_are_counted_without_a_share(witness, both, text):
    few = witness.crowd.owned.tolil()
    few[both:10, witness.items.get_loc("C")] = 0
    weak = Witness(Crowd(few.tocsc(), witness.crowd.again, witness.items), witness.names)
    assert told(weak, "alike:A>C", "C", "its own words") == text
    assert told(weak, "content:A>C", "C", "alike in words") == "alike in words"


def test_the_order_of_rows_is_kept(witness):
    code = {item: witness.items.get_loc(item) for item in witness.items}
    reasons = [Reason("p", "popular:C"), Reason("a", "alike:A>C"), Reason("d", "alike:A>D")]
    found = witness.told(reasons, np.array([code["C"], code["C"], code["D"]]))
    assert [one.text[:2] for one in found] == ["p", "Bo", "d"]
    assert witness.told([], np.array([], dtype=int)) == []
