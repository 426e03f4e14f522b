"""What MLflow is told of a bundle."""

import json

import pytest
import yaml
from mlflow.models import Model

from experiments.bundle.mlmodel import Served, describe

SERVED = Served(
    loader="somewhere.else",
    inputs={"who": "string", "n": "double"},
    outputs={"who": "string", "rank": "long", "sure": "double"},
    optional=("sure",),
    params=({"name": "as_of", "type": "string", "default": "", "shape": None},),
    rows=[["a", 1.0], ["b", 2.0]],
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "part.json").write_text("{}")
    describe(tmp_path, SERVED, "2024-05-31 00:00:00")
    return tmp_path


def test_the_signature_is_what_was_told(folder):
    model = Model.load(str(folder))
    inputs, outputs = model.signature.inputs, model.signature.outputs
    assert {one.name: one.type.name for one in inputs.inputs} == dict(SERVED.inputs)
    assert {one.name: one.type.name for one in outputs.inputs} == dict(SERVED.outputs)
    assert [one.name for one in outputs.inputs if not one.required] == ["sure"]
    assert [one.name for one in model.signature.params.params] == ["as_of"]
    assert model.flavors["python_function"]["loader_module"] == "somewhere.else"
    assert str(model.utc_time_created) == "2024-05-31 00:00:00"


def test_the_example_has_the_columns_in_order(folder):
    example = json.loads((folder / "input_example.json").read_text())
    assert example == {"columns": ["who", "n"], "data": [["a", 1.0], ["b", 2.0]]}
    serving = json.loads((folder / "serving_input_example.json").read_text())
    assert serving == {"dataframe_split": example}


def test_the_identity_follows_from_the_parts(folder, tmp_path_factory):
    again = tmp_path_factory.mktemp("again")
    (again / "part.json").write_text("{}")
    describe(again, SERVED, "2024-05-31 00:00:00")
    assert (again / "MLmodel").read_bytes() == (folder / "MLmodel").read_bytes()
    other = tmp_path_factory.mktemp("other")
    (other / "part.json").write_text('{"a": 1}')
    describe(other, SERVED, "2024-05-31 00:00:00")
    names = [yaml.safe_load((one / "MLmodel").read_text())["model_uuid"] for one in (again, other)]
    assert names[0] != names[1]


def test_the_environment_is_pinned(folder):
    pins = (folder / "requirements.txt").read_text().split()
    assert all("==" in pin for pin in pins)
    assert pins[0].startswith("lodeworks==")
    conda = yaml.safe_load((folder / "conda.yaml").read_text())
    assert conda["dependencies"][-1] == {"pip": pins}
