import math
from dataclasses import replace

import pandas as pd
import pytest

from experiments.evaluation.bootstrap import Interval
from experiments.report import story

UNKNOWN = Interval(5.0, math.nan, math.nan, n=1)


def with_list(report, **changes):
    return replace(report, list=replace(report.list, **changes))


def test_the_headline_says_whom_and_how_much(full_report):
    assert story.headline(full_report) == ("Contact 1,254 customers: it should earn about £8,412.")


def test_one_customer_is_not_customers(full_report):
    assert "Contact 1 customer:" in story.headline(with_list(full_report, customers=1))


def test_a_loss_is_not_dressed_up(full_report):
    loss = with_list(full_report, expected_profit=Interval(-50.0, -90.0, -10.0))
    assert story.headline(loss) == "Do not send this list: it should lose £50."
    assert story.verdict(loss.list.expected_profit)[0] == "bad"


def test_nobody_to_contact(full_report):
    nobody = with_list(full_report, customers=0, expected_profit=Interval(0.0, 0.0, 0.0))
    assert story.headline(nobody).startswith("Contact nobody")


def test_without_a_list_the_held_out_profit_of_the_winner_is_promised(bare_report):
    promise = story.promise(bare_report)
    row = bare_report.leaderboard.set_index("candidate").loc["rules"]
    assert promise.profit.mean == row["expected_profit"]
    assert promise.customers == row["customers"]


def test_without_anything_nothing_is_promised(bare_report):
    nothing = replace(bare_report, leaderboard=bare_report.leaderboard.iloc[:0])
    assert story.headline(nothing).startswith("Contact nobody")
    assert story.findings(nothing) == ["0 methods competed on this question."]


@pytest.mark.parametrize(
    ("profit", "mood"),
    [
        (Interval(5.0, 0.01, 9.0), "good"),
        (Interval(5.0, 0.0, 9.0), "open"),
        (Interval(-5.0, -9.0, 0.0), "bad"),
        (UNKNOWN, "open"),
    ],
)
def test_the_mood_follows_the_interval(profit, mood):
    assert story.verdict(profit)[0] == mood


def test_an_interval_in_words():
    assert story.in_words(Interval(5.0, -1.0, 9.0, level=0.9), "EUR") == (
        "between \N{MINUS SIGN}€1 and €9 in 90 of 100 such campaigns"
    )
    assert story.in_words(UNKNOWN, "EUR") == "no interval can be given: too few customers"


def test_advice_names_the_control_group_the_cost_and_the_file(full_report):
    said = " ".join(story.advice(full_report))
    for part in ("1,254 customers", "11,873 offers", "£627", "139 customers", "list.parquet"):
        assert part in said
    assert "from 10 December 2011 to 9 January 2012" in said


def test_advice_leaves_out_what_is_not_known(full_report):
    short = with_list(full_report, control=0, contact_cost=None, to_day=None, file=None)
    assert story.advice(short) == [
        "Contact the 1,254 customers on the list with 11,873 offers in all, best offer first.",
        "The profit is gross: it counts every purchase of an offered item, also those that would"
        " be made without the offer.",
    ]


def test_advice_says_what_was_taken_off_and_what_scarcity_cost(full_report):
    said = story.advice(with_list(full_report, baseline="file", gap=0.004))
    assert "What is stated to be bought without the offer is taken off the profit." in said
    assert any("at most 0.4 % of the profit is lost" in one for one in said)
    assert not any("scarce" in one for one in story.advice(full_report))


def test_doubts_tell_how_far_earlier_promises_were_from_what_happened(full_report):
    table = pd.DataFrame(
        {
            "as_of": ["2011-11-08", "2011-10-08"],
            "predicted_profit": [8000.0, 5000.0],
            "realised_profit": [9000.0, 3000.0],
            "error": [0.125, -0.4],
        }
    )
    said = story.doubts(replace(full_report, forecasts=table))
    assert (
        "On 2 earlier dates the list would have promised £8,000 and £5,000 and earned £9,000 and"
        " £3,000; at worst 40 % less than promised."
    ) in said
    unknown = replace(full_report, forecasts=table.assign(error=float("nan")))
    assert not any("earlier date" in one for one in story.doubts(unknown))


def test_findings_compare_with_the_best_simple_rule(full_report):
    board = full_report.leaderboard.set_index("candidate")
    gap = board.loc["rules", "expected_profit"] - board.loc["personal", "expected_profit"]
    said = " ".join(story.findings(full_report))
    assert f"£{gap:.0f} more than the best simple rule, personal." in said
    assert "8 methods competed" in said
    assert "Rules was chosen: it looks at what is bought together." in said
    assert "Of 100 customers who then bought something new to them, 25 bought" in said


def test_a_simple_winner_is_not_compared_with_simple_rules(full_report):
    said = " ".join(story.findings(replace(full_report, winner="personal")))
    assert "best simple rule" not in said


def test_doubts_begin_with_the_warnings_of_the_run(full_report):
    assert story.doubts(full_report)[0] == full_report.warnings[0]


def test_doubt_when_chance_alone_could_make_a_loss(full_report):
    risky = with_list(full_report, expected_profit=Interval(100.0, -5.0, 200.0))
    assert any("includes zero" in said for said in story.doubts(risky))
    assert not any("includes zero" in said for said in story.doubts(full_report))


def test_doubt_without_a_control_group(full_report):
    assert any("control group" in said for said in story.doubts(with_list(full_report, control=0)))
    assert not any("control group" in said for said in story.doubts(full_report))


@pytest.mark.parametrize(("predicted", "word"), [(1e6, "optimistic"), (-1e6, "cautious")])
def test_doubt_when_the_prediction_missed_the_interval(full_report, predicted, word):
    board = full_report.leaderboard.assign(predicted_profit=predicted)
    said = story.doubts(replace(full_report, leaderboard=board))
    assert any(f"too {word} about itself" in line for line in said)


def test_no_doubt_about_a_prediction_inside_the_interval(full_report):
    board = full_report.leaderboard.assign(
        predicted_profit=full_report.leaderboard["expected_profit"]
    )
    said = story.doubts(replace(full_report, leaderboard=board))
    assert not any("about itself" in line for line in said)


def test_doubt_when_many_rows_were_lost(full_report):
    assert any(said.startswith("27% of the rows read") for said in story.doubts(full_report))
    few = full_report.load.assign(rows_rejected=10)
    assert not any("rows read" in said for said in story.doubts(replace(full_report, load=few)))
