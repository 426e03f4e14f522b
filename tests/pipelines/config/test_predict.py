import pytest
import yaml

from lodeworks.errors import ConfigError
from models.search import FloatRange
from pipelines.config import load, schema

TREE = {
    "kind": "predict",
    "name": "p",
    "sources": [{"kind": "csv", "table": "own:t", "path": "t.csv", "columns": "all"}],
    "data": {"table": "own:t", "target": "y", "positive": 1},
}


@pytest.fixture
def read(tmp_path):
    def loaded(**changes):
        path = tmp_path / "p.yaml"
        tree = {name: value for name, value in {**TREE, **changes}.items() if value is not None}
        path.write_text(yaml.safe_dump(tree))
        return load(path)

    return loaded


def test_defaults_need_no_extra(read):
    config = read()
    assert [candidate.name for candidate in config.candidates] == [
        "logistic",
        "discriminant",
        "cart",
        "additive",
        "boosted",
    ]
    assert config.evaluation.choose == "simplest"
    assert config.sources[0].all_columns


def test_what_is_searched(read):
    (one,) = read(candidates=[{"kind": "logistic", "params": {"knots": 3}}]).candidates
    assert list(one.space()) == ["C"]
    stated = {"C": {"low": 0.1, "high": 2.0}}
    (one,) = read(candidates=[{"kind": "logistic", "tune": stated}]).candidates
    assert one.space() == {"C": FloatRange(0.1, 2.0)}
    (one,) = read(candidates=[{"kind": "logistic", "tune": False}]).candidates
    assert one.space() == {}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"data": None}, "state either 'data' (a table with the outcome) or 'purchases'"),
        ({"purchases": {}}, "state either 'data'"),
        ({"data": {**TREE["data"], "table": "own:u"}}, "no source gives the table 'own:u'"),
        ({"data": {**TREE["data"], "table": "t"}}, "data.table"),
        ({"holdout": {"outcomes": "own:t"}}, "'outcomes' needs the 'table'"),
        ({"holdout": {"share": 1.0}}, "holdout.share"),
        ({"candidates": [{"kind": "logistik"}]}, "did you mean 'logistic'?"),
        ({"candidates": [{"kind": "cart", "params": {"depth": 3}}]}, "'max_depth'"),
        ({"candidates": [{"kind": "boosted", "params": {"random_state": 3}}]}, "random_state"),
        ({"candidates": [{"kind": "cart"}, {"kind": "cart"}]}, "stated twice: cart"),
        ({"economics": {"matrix": {"missed": 5}}}, "economics.matrix.false_alarm"),
        ({"economics": {"currency": "Euro"}}, "economics.currency"),
        ({"question": "churn"}, "question"),
        ({"data": None, "purchases": {}}, "no source gives the table 'lines'"),
    ],
)
def test_what_is_wrong_is_named(read, change, told):
    with pytest.raises(ConfigError) as caught:
        read(**change)
    assert told in str(caught.value)


def test_the_schema_describes_every_key():
    known = schema("predict")["properties"]
    assert {"question", "data", "purchases", "candidates", "economics"} <= set(known)
    assert all(value["description"] for value in known.values())
