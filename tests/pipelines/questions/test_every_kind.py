"""What holds for the bundle of every kind of question."""

import json
import os
import shutil
import subprocess
import sys

import mlflow
import pandas as pd
import pytest
from mlflow.models import Model

from experiments.registry import Registry
from lodeworks.errors import BundleError, ConfigError
from pipelines.bundle_kind import find_bundle, kind_of
from pipelines.cli import main
from pipelines.config.kinds import KINDS as QUESTIONS
from pipelines.refresh import refresh
from pipelines.score import SCORERS, score_records

KINDS = ["deviation", "predict", "segments", "uplift", "value", "value-classes"]
TYPES = {"string": "OUT", "double": "f", "long": "i", "boolean": "b"}

ELSEWHERE = """
import json, sys
from datetime import date
from pathlib import Path
from pipelines.score import score_records
for bundle, file, out, day in json.load(sys.stdin):
    as_of = date.fromisoformat(day) if day else None
    score_records(bundle, data={"source": [Path(file)]}, out=Path(out), as_of=as_of)
"""


@pytest.fixture(params=KINDS)
def asked(request, every_kind):
    """Give every kind in turn."""
    return every_kind[request.param]


@pytest.fixture(scope="module")
def listed(every_kind, tmp_path_factory):
    """Score by every bundle once: the files by kind and form."""
    folder = tmp_path_factory.mktemp("listed")
    found = {}
    for kind, one in every_kind.items():
        for form in ("csv", "parquet"):
            out = found[kind, form] = folder / f"{kind}.{form}"
            bundle = one.summary.paths["bundle"]
            score_records(bundle, data=one.data, out=out, as_of=one.case.as_of)
    return found


@pytest.fixture(scope="module")
def elsewhere(every_kind, tmp_path_factory):
    """Score by every bundle in one other process, where hashes and threads differ."""
    folder = tmp_path_factory.mktemp("elsewhere")
    jobs = [
        [str(one.summary.paths["bundle"]), str(one.data["source"][0]),
         str(folder / f"{kind}.{form}"), str(one.case.as_of or "")]
        for kind, one in every_kind.items()
        for form in ("csv", "parquet")
    ]  # fmt: skip
    given = {"PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "2", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ELSEWHERE],
        input=json.dumps(jobs),
        text=True,
        check=True,
        env={**os.environ, **given},
    )
    return folder


def copy_of(asked, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(asked.summary.paths["bundle"], folder)
    return folder


def test_every_kind_but_cross_sell_is_here():
    assert sorted(SCORERS) == KINDS == sorted(set(QUESTIONS) - {"cross-sell"})


def test_the_first_version_is_champion_and_said(asked):
    summary = asked.summary
    assert summary.exit_code == 0
    assert summary.promotion["status"] == "first"
    assert f"champion: {asked.address} is version 1. There was no" in summary.text()
    manifest = json.loads(summary.paths["manifest"].read_text())
    assert manifest["promotion"] == summary.to_dict()["promotion"] == dict(summary.promotion)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_another_process_writes_the_same_bytes(asked, listed, elsewhere, form):
    kind = asked.case.kind
    assert (elsewhere / f"{kind}.{form}").read_bytes() == listed[kind, form].read_bytes()


def test_the_champion_has_an_address(asked, listed, tmp_path):
    assert kind_of(asked.address, asked.workspace) == asked.case.kind
    out = tmp_path / "out.csv"
    scored = score_records(
        asked.address,
        data=asked.data,
        out=out,
        as_of=asked.case.as_of,
        workspace=asked.workspace,
    )
    assert out.read_bytes() == listed[asked.case.kind, "csv"].read_bytes()
    told = json.loads(scored.manifest.read_text())
    assert (told["address"], told["model_version"]) == (asked.address, "1")
    assert (told["kind"], told["model"]) == (asked.case.kind, asked.name)
    assert told["as_of"] == (str(asked.case.as_of) if asked.case.as_of else None)
    assert scored.to_dict()["paths"] == {"list": str(out), "manifest": str(scored.manifest)}
    assert str(out) in scored.text()


def test_every_new_record_is_listed_once(asked, listed):
    table = pd.read_parquet(listed[asked.case.kind, "parquet"])
    name = next(iter(asked.case.new))
    assert sorted(table.iloc[:, 0]) == sorted(asked.case.new[name].unique())


def test_a_bundle_that_was_touched_is_refused(asked, tmp_path):
    bundle = copy_of(asked, tmp_path)
    parts = [path for path in bundle.rglob("*") if path.is_file() and path.name != "bundle.json"]
    for part in sorted(parts):
        before = part.read_bytes()
        part.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        with pytest.raises(BundleError, match="not as it was written"):
            score_records(bundle, data=asked.data, out=tmp_path / "out.csv", as_of=asked.case.as_of)
        part.write_bytes(before)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle"]


def test_a_bundle_that_lacks_a_part_or_says_another_kind_is_refused(asked, tmp_path):
    from experiments.bundle.seal import seal

    bundle = copy_of(asked, tmp_path)
    (bundle / "bundle.json").unlink()
    meta = json.loads((bundle / "meta.json").read_text())
    others = [kind for kind in KINDS if kind != asked.case.kind]
    for kind in others:
        (bundle / "meta.json").write_text(json.dumps({**meta, "kind": kind}))
        seal(bundle)
        with pytest.raises(BundleError):
            score_records(bundle, data=asked.data, out=tmp_path / "out.csv", as_of=asked.case.as_of)
        (bundle / "bundle.json").unlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle"]


def test_the_seal_covers_a_bundle_without_code(asked):
    files = [path for path in asked.summary.paths["bundle"].rglob("*") if path.is_file()]
    forms = {path.suffix for path in files if path.name != "MLmodel"}
    assert forms <= {".json", ".parquet", ".safetensors", ".txt", ".yaml"}
    sealed = json.loads((asked.summary.paths["bundle"] / "bundle.json").read_text())["files"]
    assert len(sealed) == len(files) - 1


def test_the_registered_version_has_the_signature(asked, listed):
    folder, version = find_bundle(asked.address, asked.workspace)
    signature = Model.load(str(folder)).signature
    table = pd.read_parquet(listed[asked.case.kind, "parquet"])
    outputs = {column.name: column.type.name for column in signature.outputs.inputs}
    assert version == "1"
    assert list(outputs) == list(table.columns)
    for name, kind in outputs.items():
        found = table[name].dtype
        letter = "O" if isinstance(found, pd.StringDtype) else found.kind
        assert letter in TYPES[kind], (name, kind, found)
    assert set(signature.inputs.input_names()) <= set(asked.case.new.columns)


def test_mlflow_predicts_what_the_command_lists(asked, listed):
    folder, _ = find_bundle(asked.address, asked.workspace)
    model = mlflow.pyfunc.load_model(str(folder))
    inputs = model.metadata.signature.inputs
    given = asked.case.new.copy()
    for column in inputs.inputs:
        if column.type.name == "double":
            given[column.name] = given[column.name].astype(float)
    params = {"as_of": str(asked.case.as_of)} if asked.case.as_of else None
    found = model.predict(given[inputs.input_names()], params=params)
    expected = pd.read_parquet(listed[asked.case.kind, "parquet"])
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), expected, check_dtype=False, rtol=1e-9
    )


def test_the_invented_example_can_be_scored_and_is_nobody(asked):
    folder = asked.summary.paths["bundle"]
    example = json.loads((folder / "input_example.json").read_text())
    inputs = Model.load(str(folder)).signature.inputs.input_names()
    assert example["columns"] == inputs
    assert not set(example["data"][0][:1]) & set(asked.case.frame.iloc[:, 0])


def test_the_command_takes_the_address(asked, listed, tmp_path, capsys):
    out = tmp_path / "out.csv"
    command = ["score", asked.address, "--data", f"source={asked.data['source'][0]}", "--quiet"]
    command += ["--out", str(out), "--workspace", str(asked.workspace)]
    command += ["--as-of", str(asked.case.as_of)] if asked.case.as_of else []
    assert main(command) == 0
    assert str(out) in capsys.readouterr().out
    assert out.read_bytes() == listed[asked.case.kind, "csv"].read_bytes()


def test_what_is_missing_is_told_and_nothing_written(asked, tmp_path):
    bundle, out = asked.summary.paths["bundle"], tmp_path / "out.csv"
    with pytest.raises(ConfigError, match="does not know") as caught:
        score_records(bundle, data={"sorce": asked.data["source"]}, out=out, as_of=asked.case.as_of)
    assert "did you mean 'source'" in str(caught.value)
    with pytest.raises(ConfigError, match=f"no file of the table '{asked.case.table}'"):
        score_records(bundle, data={}, out=out, as_of=asked.case.as_of)
    with pytest.raises(ConfigError, match=r"must end in \.csv or \.parquet"):
        score_records(bundle, data=asked.data, out=tmp_path / "out.xls", as_of=asked.case.as_of)
    if asked.case.as_of:
        with pytest.raises(ConfigError, match="missing: --as-of"):
            score_records(bundle, data=asked.data, out=out)
    assert list(tmp_path.iterdir()) == []


def test_a_worse_model_is_refused_with_code_4(asked):
    summary = asked.run(*asked.case.worse)
    assert summary.exit_code == 4
    assert summary.promotion["status"] == "refused"
    assert summary.promotion["champion"] == "1"
    text = summary.text()
    assert f"promotion refused: version 1 stays champion of {asked.name}. " in text
    assert f"the bundle is the refused version {summary.promotion['version']}" in text
    champion, _ = Registry.open(asked.workspace).champion(asked.name)
    assert champion == "1"


@pytest.mark.parametrize("kind", ["predict", "segments"])
def test_the_same_again_is_the_same_version(kind, every_kind):
    again = every_kind[kind].run()
    assert again.exit_code == 0
    assert again.promotion["status"] == "unchanged"
    assert again.promotion["version"] == "1"


def test_a_champion_can_be_refreshed(every_kind):
    asked = every_kind["segments"]
    found = refresh(asked.address, workspace=asked.workspace)
    assert found.exit_code == 0
    assert found.run.promotion["status"] == "unchanged"
    assert found.before.endswith("-segments")
    assert found.after.endswith("-segments")
