"""The new network against a champion, on customers drawn by hand."""

import numpy as np
import pandas as pd
import pytest

from pipelines.config.value_classes import ClassNetwork, ValueClasses
from pipelines.questions.gate import Figure
from pipelines.valueclasses.bundled import ClassBundle, write_classes
from pipelines.valueclasses.classifier import fit_classes
from pipelines.valueclasses.clients import Cases
from pipelines.valueclasses.promoting import ClassJudge, held_out

CLASSES = ("high", "low")
SMALL = {"members": 1, "units": 2}
SOURCE = {"kind": "csv", "name": "c", "table": "own:c", "path": "c.csv", "columns": "all"}


def config(**network):
    data = {"table": "own:c", "id": "who", "target": "value", "classes": CLASSES}
    tree = {"kind": "value-classes", "name": "v", "sources": [SOURCE], "data": data}
    return ValueClasses.model_validate({**tree, "network": {**SMALL, **network}}, strict=False)


@pytest.fixture(scope="module")
def cases():
    """Draw customers whose class follows from their margin."""
    margin = np.linspace(0, 1, 40)
    labels = np.where(margin > 0.5, "high", "low").astype(object)
    ids = np.array([str(k) for k in range(40)], dtype=object)
    table = pd.DataFrame({"margin": margin})
    return Cases(ids, table, labels, ids[:0], table.iloc[:0], [])


@pytest.fixture(scope="module")
def model(cases):
    return fit_classes(cases.table, list(cases.labels), CLASSES, ClassNetwork(**SMALL), 0)


def champion(folder, model, **meta):
    told = {
        "kind": "value-classes",
        "id": "who",
        "columns": {"margin": "number"},
        "network": config().network.model_dump(mode="json"),
        **meta,
    }
    rules = pd.DataFrame({"rule": ["always"], "answer": ["high"]})
    write_classes(folder / "b", ClassBundle(model, rules, told))
    return folder / "b"


def share(right):
    """Give customers of whom the first were found."""
    return (np.arange(40) < 40 * right).astype(float)


def judge_of(cases, right, other=None, **network):
    """Say how often customers were found by the new network and by the champion's."""

    def judged(_):
        assert other is not None
        return share(other)

    return ClassJudge(config(**network), cases, share(right), judged)


@pytest.mark.parametrize(
    ("new", "old", "status"),
    [(0.5, 0.9, "refused"), (0.9, 0.5, "better"), (0.9, 0.9, "no worse")],
)
def test_the_champions_network_is_judged_on_the_same_customers(
    cases, model, tmp_path, new, old, status
):
    found = judge_of(cases, new, old, units=5)(champion(tmp_path, model), "1")
    assert found.status == status
    assert f"has a share of the right class of {new:.4f}" in found.reason


def test_the_same_network_is_refreshed_unless_it_falls_behind_its_figure(cases, model, tmp_path):
    folder = champion(tmp_path, model)
    assert judge_of(cases, 0.2)(folder, "1").status == "refreshed"
    high = Figure("a share of the right class", 0.95, 0.01).to_dict()
    found = judge_of(cases, 0.2)(champion(tmp_path, model, held_out=high), "1")
    assert found.status == "refused"
    assert "are the data whole?" in found.reason


def test_a_champion_of_other_columns_stands_aside(cases, model, tmp_path):
    high = Figure("a share of the right class", 0.95, 0.01).to_dict()
    folder = champion(tmp_path, model, held_out=high, columns={"turnover": "number"})
    assert judge_of(cases, 0.2)(folder, "1").status == "refreshed"


def test_a_champion_of_other_classes_is_not_replaced(cases, tmp_path):
    names = ["gold", "grey"]
    labels = np.where(cases.labels == "high", "gold", "grey")
    other = fit_classes(cases.table, list(labels), names, ClassNetwork(**SMALL), 0)
    found = judge_of(cases, 0.9)(champion(tmp_path, other), "1")
    assert found.status == "refused"
    assert "about the classes gold, grey: give this model a name of its own" in found.reason


def test_the_figure_by_hand():
    figure = held_out(share(0.75))
    assert figure.mean == 0.75
    assert figure.se == pytest.approx(np.sqrt(0.75 * 0.25 * 40 / 39 / 40))
