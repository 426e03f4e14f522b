import numpy as np
import pandas as pd
import pytest

from pipelines.config.predict import Learner
from pipelines.predicting.competing import Competed
from pipelines.predicting.deciding import board, decide, mean_auc, neural_verdict

BASE = np.array([0.80, 0.82, 0.79, 0.81, 0.83])


def competed(kind, auc, seconds=1.0, name=None):
    auc = np.asarray(auc, dtype=float)
    return Competed(
        learner=Learner(kind=kind, name=name or kind),
        key=kind,
        params={},
        auc=auc,
        log_loss=1.0 - auc,
        out_of_fold=np.zeros((0, 1)),
        held=np.zeros(0),
        trials=pd.DataFrame(),
        seconds=seconds,
    )


def chosen(*some, **more):
    settings = {"metric": "auc", "test_share": 0.2, "level": 0.95, **more}
    return decide(some, **settings)


def test_the_simplest_wins_where_nothing_is_measurably_better():
    noise = np.array([0.01, -0.01, 0.02, -0.02, 0.01])
    found = chosen(competed("boosted", BASE + 0.002 + noise), competed("logistic", BASE))
    assert (found.winner.name, found.best) == ("logistic", "boosted")
    assert "simplest that is not measurably worse than boosted" in found.reason


def test_the_better_wins_where_it_is_measurable():
    found = chosen(competed("boosted", BASE + 0.02), competed("logistic", BASE))
    assert found.winner.name == "boosted"
    assert "no simpler one comes close enough" in found.reason


def test_the_best_wins_where_that_is_asked():
    noise = np.array([0.01, -0.01, 0.02, -0.02, 0.01])
    some = competed("boosted", BASE + 0.002 + noise), competed("logistic", BASE)
    assert chosen(*some, choose="best").winner.name == "boosted"


def test_of_equally_simple_ones_the_better_and_of_one_itself():
    some = competed("logistic", BASE), competed("discriminant", BASE + 0.001)
    assert chosen(*some).winner.name == "discriminant"
    assert chosen(some[0]).reason == "logistic is the only classifier."


def test_log_loss_is_better_when_it_is_less():
    found = chosen(competed("boosted", BASE - 0.05), competed("logistic", BASE), metric="log_loss")
    assert found.best == "logistic"


@pytest.mark.parametrize(
    ("gain", "words"),
    [(0.05, "is worth its time"), (0.0, "cannot be told from"), (-0.05, "measurably worse than")],
)
def test_what_the_network_is_worth(gain, words):
    noise = np.array([0.001, -0.001, 0.002, -0.002, 0.0])
    some = competed("neural", BASE + gain + noise, 60.0), competed("boosted", BASE, 3.0)
    told, found = neural_verdict(some, test_share=0.2, level=0.95)
    assert words in told
    assert "60 s against 3 s (20.0 times)" in told
    assert found.difference == pytest.approx(gain, abs=1e-9)


def test_without_a_network_nothing_is_said():
    assert neural_verdict([competed("logistic", BASE)], test_share=0.2, level=0.95) == ("", None)


def test_the_board_puts_the_best_first():
    some = [competed("logistic", BASE), competed("boosted", BASE + 0.02)]
    found = chosen(*some)
    held = {one.name: {"held_out_auc": 0.8} for one in some}
    frame = board(some, found, held, test_share=0.2, level=0.95)
    assert frame["candidate"].tolist() == ["boosted", "logistic"]
    assert frame["winner"].tolist() == [True, False]
    part = mean_auc(some[0], 0.2, 0.95)
    assert frame.loc[1, ["auc", "auc_low", "auc_high"]].tolist() == [part.mean, part.low, part.high]
    assert frame["behind"].tolist() == pytest.approx([0.0, 0.02])
