import json
import shutil

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import BundleError, ConfigError, DataError
from pipelines.bundle_kind import kind_of
from pipelines.cli import main
from pipelines.predicting.bundled import read_predictor
from pipelines.score import score_records


@pytest.fixture
def bundle(answered, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(answered.paths["bundle"], folder)
    return folder


@pytest.fixture
def new(people, tmp_path):
    path = tmp_path / "new.csv"
    people(60, seed=7).drop(columns="left").to_csv(path, index=False)
    return path


def scored(bundle, new, out, **more):
    return score_records(bundle, data={"people": [new]}, out=out, **more)


def test_new_records_get_probability_money_and_reasons(bundle, new, tmp_path, people):
    out = tmp_path / "out.parquet"
    told = scored(bundle, new, out)
    listed = pd.read_parquet(out)
    table = people(60, seed=7)
    assert sorted(listed["who"]) == sorted(table["who"])
    kept = read_predictor(bundle)
    expected = kept.scaling.probabilities(kept.model.decision_function(table))
    found = listed.set_index("who")["probability"].reindex(table["who"])
    np.testing.assert_allclose(found, expected)
    assert (listed["act"] == (listed["expected_profit"] > 0)).all()
    assert listed.loc[listed["act"], "reason_1"].str.len().gt(0).any()
    manifest = json.loads((tmp_path / "out.parquet.manifest.json").read_text())
    assert manifest["list"]["records"] == 60
    assert manifest["list"]["act"] == int(listed["act"].sum())
    assert manifest["kind"] == "predict"
    assert set(manifest["drift"]["psi"]) == {"tenure", "fee"}
    assert "60 records scored" in told.text()


def test_the_same_data_give_the_same_bytes_in_any_order(bundle, new, tmp_path):
    frame = pd.read_csv(new, dtype={"who": str})
    mixed = tmp_path / "mixed.csv"
    frame.sample(frac=1, random_state=1).to_csv(mixed, index=False)
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    scored(bundle, new, first)
    scored(bundle, mixed, second)
    assert first.read_bytes() == second.read_bytes()


def test_the_command_dispatches_by_the_bundle(bundle, new, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert main(["score", str(bundle), "--data", str(new), "--out", str(out), "--quiet"]) == 0
    assert "60 records scored" in capsys.readouterr().out
    assert pd.read_csv(out).columns[:3].tolist() == ["who", "rank", "probability"]


def test_options_of_a_cross_sell_list_are_refused(bundle, new, tmp_path, capsys):
    out = tmp_path / "out.csv"
    command = ["score", str(bundle), "--data", str(new), "--out", str(out), "--rows", "3"]
    assert main(command) == 2
    assert "only a cross-sell list takes --rows" in capsys.readouterr().err
    assert main(["score", str(bundle), "--out", str(out)]) == 2
    assert "missing: --data" in capsys.readouterr().err
    assert not out.exists()


def test_bundles_that_do_not_say_are_of_cross_sell(bundle, tmp_path):
    assert kind_of(bundle) == "predict"
    assert kind_of(tmp_path / "nowhere") == "cross-sell"


def test_a_kind_that_nobody_knows_is_refused(new, tmp_path):
    (tmp_path / "meta.json").write_text('{"kind": "os.system"}')
    with pytest.raises(BundleError, match=r"a bundle of kind 'os\.system' makes no list"):
        scored(tmp_path, new, tmp_path / "out.csv")


def test_a_missing_column_is_named_and_nothing_written(bundle, new, tmp_path):
    pd.read_csv(new).drop(columns="contract").to_csv(new, index=False)
    with pytest.raises(DataError, match="'contract'"):
        scored(bundle, new, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_values_that_are_no_numbers_are_rejected_and_counted(bundle, new, tmp_path):
    frame = pd.read_csv(new, dtype=str)
    frame.loc[2, "tenure"] = "long"
    frame.to_csv(new, index=False)
    told = scored(bundle, new, tmp_path / "out.csv").to_dict()
    assert told["load"]["rows_rejected"] == 1
    assert told["list"]["records"] == 59


def test_formulas_are_made_harmless_in_csv(bundle, new, tmp_path):
    frame = pd.read_csv(new, dtype=str)
    frame.loc[0, "who"] = "=1+1"
    frame.to_csv(new, index=False)
    scored(bundle, new, tmp_path / "out.csv")
    assert "'=1+1" in pd.read_csv(tmp_path / "out.csv", dtype=str)["who"].tolist()


def test_a_changed_bundle_is_refused(bundle, new, tmp_path):
    meta = json.loads((bundle / "meta.json").read_text())
    meta["economics"]["cost"] = 0.0
    (bundle / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(BundleError, match="not as it was written"):
        scored(bundle, new, tmp_path / "out.csv")


def test_names_of_data_that_are_not_known_get_a_hint(bundle, new, tmp_path):
    with pytest.raises(ConfigError, match="did you mean 'people'"):
        score_records(bundle, data={"peeple": [new]}, out=tmp_path / "out.csv")
    with pytest.raises(ConfigError, match=r"\.csv or \.parquet"):
        scored(bundle, new, tmp_path / "out.txt")


def test_the_bundle_holds_no_code_and_no_names(bundle, people):
    names = {path.suffix for path in bundle.rglob("*") if path.is_file()}
    assert names <= {".json", ".safetensors", ".txt", ".parquet", ".yaml", ""}  # "": MLmodel
    content = b"".join(path.read_bytes() for path in bundle.rglob("*") if path.is_file())
    assert not any(f'"{who}"'.encode() in content for who in people()["who"])
