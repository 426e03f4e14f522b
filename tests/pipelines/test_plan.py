"""`lode plan`: sizes, effects and shares, from figures, lists and earlier measurements."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.effect.power import Outcome, detectable, power_of, required_size
from pipelines.cli import main
from pipelines.plan import PlanRequest, plan


@pytest.fixture
def lode(capsys):
    def type_command(*words):
        code = main(["plan", *map(str, words)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_command


def test_an_effect_gives_the_customers(lode):
    code, out, _ = lode("--base", 0.1, "--effect", 0.02, "--control", 0.2, "--json")
    values = json.loads(out)
    assert code == 0
    assert values["customers_needed"] == required_size(Outcome(base=0.1), 0.02, control=0.2)
    assert values["table"] == []


def test_customers_give_the_effect(lode):
    _, out, _ = lode("--base", 0.1, "--customers", 5000, "--control", 0.1, "--json")
    values = json.loads(out)
    assert values["detectable_effect"] == detectable(Outcome(base=0.1), 5000, control=0.1)
    assert "customers_needed" not in values


def test_both_give_the_power_and_the_cheapest_share(lode):
    _, out, _ = lode(
        *("--base", 0.05, "--effect", 0.01, "--customers", 40_000, "--value", 0.5, "--json")
    )
    values = json.loads(out)
    outcome = Outcome(base=0.05)
    assert values["power_reached"] == power_of(outcome, 0.01, 40_000)
    share = values["cheapest_control"]
    assert power_of(outcome, 0.01, 40_000, control=share) >= 0.8
    assert power_of(outcome, 0.01, 40_000, control=share - 0.01) < 0.8
    forgone = {row["control_share"]: row["value_forgone"] for row in values["table"]}
    assert forgone[0.1] == 2000.0
    assert f"forgoes {40_000 * share * 0.5:,.2f}" in values["statements"][-1]


def test_money_is_planned_by_its_deviation(lode):
    _, out, _ = lode("--sd", 20, "--effect", 1, "--power", 0.9, "--alpha", 0.01, "--json")
    needed = required_size(Outcome(sd=20.0), 1.0, power=0.9, alpha=0.01)
    assert json.loads(out)["customers_needed"] == needed


def test_money_in_the_table_is_written_out(lode):
    _, out, _ = lode("--base", 0.05, "--effect", 0.01, "--customers", 40_000, "--value", 0.5)
    assert out.rstrip().endswith(" 10,000.00")
    assert "e+" not in out


def test_the_text_is_for_people(lode):
    code, out, _ = lode("--base", 0.1, "--effect", 0.02, "--customers", 1000)
    assert code == 0
    assert "needs 7,682 customers with power 80% at alpha 0.05, 3,841 of them held back" in out
    assert "too few customers: no control share reaches the power" in out
    assert "detectable_effect" in out


def listed(folder, control):
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c"],
            "item_id": ["x", "y", "x", "x"],
            "rank": [1, 2, 1, 1],
            "probability": [0.1, 0.2, 0.3, 0.1],
            "expected_profit": [1.0, 0.5, 3.0, -0.5],
            "evidence_id": "e",
            "segment": "small",
            "group": np.where([False, False, False, control], "control", "target"),
            "model": "m",
            "as_of": "2024-12-31",
        }
    )
    rows.to_csv(folder / "list.csv", index=False)
    return folder / "list.csv"


def test_a_list_gives_customers_base_share_and_value(tmp_path, lode):
    _, out, _ = lode("--list", listed(tmp_path, True), "--effect", 0.05, "--json")
    values = json.loads(out)
    assert values["customers"] == 3
    # at least one of its items: 1 - 0.9 * 0.8, 0.3 and 0.1
    assert values["base"] == pytest.approx((0.28 + 0.3 + 0.1) / 3)
    assert values["value"] == pytest.approx((1.5 + 3.0 - 0.5) / 3)
    assert values["control"] == pytest.approx(1 / 3)


def test_a_list_without_controls_can_be_planned_for(tmp_path, lode):
    code, out, _ = lode("--list", listed(tmp_path, False), "--effect", 0.05, "--json")
    assert code == 0
    assert json.loads(out)["control"] == 0.5


def test_what_is_stated_goes_before_what_the_list_says(tmp_path, lode):
    _, out, _ = lode(
        *("--list", listed(tmp_path, True), "--sd", 3, "--effect", 0.5, "--customers", 900),
        "--json",
    )
    values = json.loads(out)
    assert (values["base"], values["sd"], values["customers"]) == (None, 3.0, 900)


def measurement(folder):
    row = {"treated": 300, "control": 100, "treated_mean": 0.1, "control_mean": 0.07, "se": 0.5}
    values = {"effects": [{**row, "outcome": name} for name in ("response", "profit")]}
    path = folder / "measure.json"
    path.write_text(json.dumps(values))
    return path


def test_an_earlier_measurement_gives_the_base(tmp_path, lode):
    path = measurement(tmp_path)
    _, out, _ = lode("--measured", path, "--effect", 0.02, "--json")
    assert json.loads(out)["base"] == 0.07
    _, out, _ = lode("--measured", path, "--outcome", "profit", "--effect", 1, "--json")
    # 0.5 / sqrt(1/300 + 1/100)
    assert json.loads(out)["sd"] == pytest.approx(4.330127)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--effect", 0.1), "state --base (a share) or --sd"),
        (("--base", 0.1, "--sd", 2, "--effect", 0.1), "state --base (a share) or --sd"),
        (("--base", 0.1), "state --effect to learn the customers, or --customers"),
        (("--base", 10, "--effect", 0.1), "--base must be between 0 and 1 but got 10"),
        (("--base", 0.1, "--effect", 2), "an effect on a share is stated in points"),
        (("--base", 0.1, "--effect", 0), "--effect 0 cannot be shown"),
        (("--base", 0.1, "--effect", 0.1, "--control", 1), "--control must be between 0 and 1"),
        (("--base", 0.1, "--effect", 0.1, "--power", 80), "--power must be between 0 and 1"),
        (("--sd", -1, "--effect", 0.1), "--sd must be above 0 but got -1"),
        (("--base", 0.1, "--customers", 1), "--customers must be at least 2 but got 1"),
    ],
)
def test_what_cannot_be_planned_is_told(lode, words, message):
    code, out, err = lode(*words)
    assert (code, out) == (2, "")
    assert message in err


def test_all_problems_are_told_at_once(lode):
    _, _, err = lode("--base", 3, "--power", 5)
    assert "--base must be" in err
    assert "--power must be" in err
    assert "state --effect" in err


def test_files_that_are_none_are_told(tmp_path, lode):
    (tmp_path / "x.json").write_text("{}")
    code, _, err = lode("--measured", tmp_path / "x.json", "--effect", 0.1)
    assert code == 3
    assert "is no measure.json of an earlier measurement" in err
    code, _, err = lode("--measured", measurement(tmp_path), "--outcome", "profits", "--effect", 1)
    assert code == 2
    assert "did you mean 'profit'?" in err
    code, _, err = lode("--list", tmp_path / "gone.csv", "--effect", 0.1)
    assert code == 3
    assert "gone.csv is missing" in err


def test_it_can_be_called_from_python():
    found = plan(PlanRequest(base=0.1, effect=0.02, control=0.5))
    assert found.values["customers_needed"] == 7682
    assert found.text().startswith("an effect of 0.02")
