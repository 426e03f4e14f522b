"""Any randomised experiment in one table, from the command line."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.effect import effect
from pipelines.cli import main


@pytest.fixture
def trial(tmp_path):
    rng = np.random.default_rng(0)
    arm = rng.choice(["A", "B", "none"], 900)
    before = rng.gamma(2.0, 5.0, 900)
    frame = pd.DataFrame(
        {
            "arm": arm,
            "before": before,
            "channel": rng.choice(["web", "phone"], 900),
            "visit": (rng.random(900) < 0.2 + 0.2 * (arm == "A")).astype(int),
            "spend": before + rng.normal(0, 2, 900) + 1.0 * (arm == "B"),
        }
    )
    path = tmp_path / "trial.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def typed(capsys):
    def type_command(path, *more, outcomes=("visit", "spend"), control="none"):
        words = ["--experiment", path, "--treatment", "arm", "--control", control]
        words += [word for name in outcomes for word in ("--outcome", name)]
        code = main(list(map(str, ["measure", *words, *more])))
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_command


def test_every_arm_and_outcome_against_the_control(trial, typed):
    code, out, _ = typed(trial, "--json")
    values = json.loads(out)
    assert code == 0
    looks = {row["look"]: row for row in values["effects"]}
    assert set(looks) == {"A: visit", "A: spend", "B: visit", "B: spend"}
    frame = pd.read_csv(trial, keep_default_na=False)
    both = frame[frame["arm"].isin(["A", "none"])]
    alone = effect(both["visit"].to_numpy(), (both["arm"] == "A").to_numpy())
    assert looks["A: visit"]["difference"] == pytest.approx(alone.difference)
    assert looks["A: visit"]["low"] == pytest.approx(alone.low)
    assert looks["A: visit"]["verdict"] == "more"
    assert looks["B: visit"]["verdict"] == "too small to tell"
    assert values["arms"] == frame["arm"].value_counts().to_dict()


def test_covariates_of_numbers_and_of_words_make_it_sharper(trial, typed):
    _, out, _ = typed(trial, "--json", outcomes=["spend"])
    _, sharp, _ = typed(
        trial, "--covariate", "before", "--covariate", "channel", "--json", outcomes=["spend"]
    )
    plain, found = (json.loads(text)["effects"][1] for text in (out, sharp))
    assert plain["look"] == found["look"] == "B: spend"
    # the variance of spend is 50 + 4, and 50 of it was known before
    assert found["variance_reduction"] == pytest.approx(50 / 54, abs=0.03)
    assert found["low"] < 1.0 < found["high"]
    assert found["verdict"] == "more"


def test_the_text_says_it_in_words(trial, typed):
    code, out, _ = typed(trial)
    assert code == 0
    assert "A, visit: " in out
    assert "points (95% interval " in out
    assert "too small to tell" in out


def test_files_are_written_only_where_asked(trial, typed):
    typed(trial)
    assert [path.name for path in trial.parent.iterdir()] == ["trial.csv"]
    code, _, _ = typed(trial, "--out", trial.parent / "out")
    assert code == 0
    values = json.loads((trial.parent / "out" / "measure.json").read_text())
    assert len(values["effects"]) == 4
    assert "of 4 comparisons differ" in (trial.parent / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("more", "named", "message"),
    [
        ((), {"outcomes": ["visits"]}, "--outcome 'visits' is no column"),
        ((), {"outcomes": ["visits"]}, "did you mean 'visit'?"),
        ((), {"control": "None"}, "--control 'None' is no arm; did you mean 'none'?"),
        (("--covariate", "befor"), {}, "--covariate 'befor' is no column"),
        (("--covariate", "visit"), {}, "'visit' cannot be an outcome and something else too"),
        (("--contacts", "c.csv"), {}, "--contacts goes with a LIST only"),
        (("--level", "95"), {}, "--level must be between 0 and 1 but got 95"),
    ],
)
def test_wrong_names_are_told_with_the_nearest(trial, typed, more, named, message):
    code, _, err = typed(trial, *more, "--out", trial.parent / "out", **named)
    assert code == 2
    assert message in err
    assert not (trial.parent / "out").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"visit": "yes"}, "900 of 900 rows have no number in 'visit'"),
        ({"arm": "none"}, "arm has one arm only"),
        ({"spend": np.inf}, "900 of 900 rows have no number in 'spend'"),
    ],
)
def test_data_that_cannot_be_measured_is_refused(trial, typed, change, message):
    pd.read_csv(trial, keep_default_na=False).assign(**change).to_csv(trial, index=False)
    code, _, err = typed(trial)
    assert code == 3
    assert message in err


def test_a_column_that_is_no_treatment_is_refused(trial, typed):
    frame = pd.read_csv(trial, keep_default_na=False)
    frame.assign(arm=range(900)).to_csv(trial, index=False)
    code, _, err = typed(trial)
    assert code == 3
    assert "arm has 900 values; at most 50 can be arms: is it the right column?" in err


def test_all_data_problems_at_once(trial, typed):
    frame = pd.read_csv(trial, keep_default_na=False).assign(visit="x", spend="y")
    frame.to_csv(trial, index=False)
    _, _, err = typed(trial)
    assert "'visit'" in err
    assert "'spend'" in err


def test_a_missing_file_is_told(tmp_path, typed):
    code, _, err = typed(tmp_path / "gone.csv")
    assert code == 3
    assert "gone.csv is missing" in err


@pytest.mark.real
def test_hillstrom_from_the_command_line(real_data, capsys):
    words = [
        *("measure", "--experiment", str(real_data / "hillstrom.csv.gz"), "--treatment", "segment"),
        *("--control", "No E-Mail", "--outcome", "visit", "--outcome", "spend", "--json"),
    ]
    assert main(words) == 0
    looks = {row["look"]: row for row in json.loads(capsys.readouterr().out)["effects"]}
    # 3894/21307 - 2262/21306 and 3238/21387 - 2262/21306
    assert looks["Mens E-Mail: visit"]["difference"] == pytest.approx(0.0765904, abs=1e-6)
    assert looks["Womens E-Mail: visit"]["difference"] == pytest.approx(0.0452330, abs=1e-6)
    assert looks["Mens E-Mail: spend"]["difference"] == pytest.approx(0.769827, abs=1e-6)
    assert all(row["verdict"] == "more" for row in looks.values())
