import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from lodeworks.errors import BundleError, ConfigError, DataError
from pipelines.cli import main
from pipelines.config import load
from pipelines.run import run
from pipelines.score import score_records
from pipelines.valueclasses.bundled import read_classes
from pipelines.valueclasses.example import CLASSES, invent

FOLDER = Path(__file__).resolve().parents[3] / "configs"


@pytest.fixture(scope="module")
def answered(tmp_path_factory, tracking_template):
    """Run the example itself, with fewer repeats."""
    folder = tmp_path_factory.mktemp("classes")
    shutil.copy(tracking_template, folder / "mlflow.db")
    quick = ["evaluation.repeats=1", "network.members=1", f"workspace={folder}"]
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        return run(load(FOLDER / "value_classes.yaml", quick))


@pytest.fixture
def refused(tmp_path, tracking_template, monkeypatch):
    """Give a function that asks about a table and gives what it was refused for."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def asked(table, **data):
        table.to_csv(tmp_path / "clients.csv", index=False)
        place = tmp_path / "workspace"
        if not place.exists():
            place.mkdir()
            shutil.copy(tracking_template, place / "mlflow.db")
        source = {
            "kind": "csv",
            "table": "own:clients",
            "path": str(tmp_path / "clients.csv"),
            "columns": {"company": "company"},
            "all_columns": True,
        }
        told = {"table": "own:clients", "id": "company", "target": "value_class", **data}
        tree = {"kind": "value-classes", "name": "v", "sources": [source], "data": told}
        path = tmp_path / "v.yaml"
        path.write_text(yaml.safe_dump({**tree, "workspace": str(place)}))
        with pytest.raises(DataError) as caught:
            run(load(path))
        assert not list((place / "runs").glob("*"))
        return str(caught.value)

    return asked


def test_the_files_of_the_example_are_what_the_generator_invents():
    clients, prospects = invent()
    kept = FOLDER / "data"
    pd.testing.assert_frame_equal(pd.read_csv(kept / "corporate_clients.csv"), clients)
    pd.testing.assert_frame_equal(pd.read_csv(kept / "corporate_prospects.csv"), prospects)
    assert len(clients) == 40
    assert set(clients["value_class"]) == set(CLASSES)


def test_who_operates_well_but_has_a_bad_credit_record_is_of_low_value():
    clients, _ = invent(2000, 0)
    bad = clients[(clients["credit_record"] == "bad") & (clients["profit_margin"] > 0.1)]
    assert set(bad["value_class"]) <= {"low", "very low"}


def test_forty_customers_are_judged_with_intervals_and_against_guessing(answered):
    board = answered.leaderboard.set_index("candidate")
    network = board.loc["network"]
    assert network["right_low"] < network["right"] < network["right_high"]
    assert network["right"] > board.loc["most frequent", "right"]
    assert network["right_or_next"] > 0.7
    assert network["behind_network"] == 0.0
    page = answered.paths["report"].read_text()
    assert "40 customers are few" in page
    assert "company 0" not in page


def test_rules_are_taken_out_in_words_and_stored(answered):
    bundle = read_classes(answered.paths["bundle"])
    rules = bundle.rules
    assert rules["rule"].str.contains("credit_record is bad").any()
    low = rules[rules["rule"].str.contains("credit_record is bad")]
    assert set(low["answer"]) <= {"low", "very low"}
    assert answered.metrics["fidelity"] > 0.6
    assert len(rules) == len(bundle.meta["conditions"])
    assert {path.suffix for path in answered.paths["bundle"].rglob("*") if path.is_file()} <= {
        ".json",
        ".parquet",
        ".safetensors",
        ".txt",
        ".yaml",
        "",  # MLmodel
    }


def test_every_prospect_gets_class_certainty_and_rule(answered):
    prospects = pd.read_parquet(answered.paths["prospects"])
    bundle = read_classes(answered.paths["bundle"])
    table = invent()[1].set_index("company").loc[prospects["company"]].reset_index()
    shares = bundle.model.predict_proba(table[list(bundle.meta["columns"])])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(prospects["probability"], shares.max(axis=1))
    place = prospects["value_class"].map(CLASSES.index)
    assert place.is_monotonic_increasing
    said = dict(zip(bundle.rules["rule"], bundle.rules["answer"], strict=True))
    assert (prospects["rule"].map(said) == prospects["rule_says"]).all()


def test_the_bundle_classes_new_prospects(answered, tmp_path, capsys):
    new = tmp_path / "new.csv"
    invent()[1].head(30).to_csv(new, index=False)
    out = tmp_path / "out.csv"
    bundle = str(answered.paths["bundle"])
    assert main(["score", bundle, "--data", str(new), "--out", str(out), "--quiet"]) == 0
    assert "classes: very high" in capsys.readouterr().out
    found = pd.read_csv(out).set_index("company")
    before = pd.read_parquet(answered.paths["prospects"]).set_index("company")
    assert len(found) == 30
    assert (found["value_class"] == before.loc[found.index, "value_class"]).all()
    manifest = json.loads((tmp_path / "out.csv.manifest.json").read_text())
    assert sum(manifest["list"].values()) == 30


def test_a_bundle_or_a_name_that_is_wrong(answered, tmp_path):
    new = tmp_path / "new.csv"
    invent()[1].to_csv(new, index=False)
    with pytest.raises(ConfigError, match="did you mean 'prospects'"):
        score_records(answered.paths["bundle"], data={"prospect": [new]}, out=tmp_path / "o.csv")
    copy = tmp_path / "bundle"
    shutil.copytree(answered.paths["bundle"], copy)
    (copy / "classes.json").write_text("{}")
    with pytest.raises(BundleError, match="not as it was written"):
        score_records(copy, data={"prospects": [new]}, out=tmp_path / "o.csv")
    invent()[1].drop(columns="turnover").to_csv(new, index=False)
    with pytest.raises(DataError, match="'turnover'"):
        score_records(answered.paths["bundle"], data={"prospects": [new]}, out=tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


def test_findings_are_kept_for_every_rule(answered):
    from pipelines.valueclasses.job import _findings

    bundle = read_classes(answered.paths["bundle"])
    drafts = _findings(bundle, 40)
    assert len(drafts) == len(bundle.rules)
    assert all(draft.kind == "value-class" for draft in drafts)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.assign(value_class="high"), "all customers are of one class"),
        (lambda t: t.replace("very high", "superb"), "'superb'"),
        (lambda t: t.drop(columns="value_class"), "no column 'value_class'"),
        (lambda t: t[["company", "value_class"]].assign(same=1), "no indicator is left"),
        (lambda t: t.head(9).assign(value_class=["low", "high", *["middle"] * 7]), "at least two"),
        (lambda t: t.head(8).assign(value_class=["low", "high"] * 4), "8 customers are too few"),
    ],
)
def test_bad_input_is_named_and_nothing_written(refused, change, told):
    assert told in refused(change(invent()[0]))


def test_classes_stated_twice_and_tables_that_no_source_gives(tmp_path):
    text = (FOLDER / "value_classes.yaml").read_text()
    twice = tmp_path / "twice.yaml"
    twice.write_text(text.replace("[very high, high,", "[high, high,"))
    with pytest.raises(ConfigError, match="stated twice: high"):
        load(twice)
    lost = tmp_path / "lost.yaml"
    lost.write_text(text.replace("prospects: own:prospects", "prospects: own:nobody"))
    with pytest.raises(ConfigError, match="no source gives the table 'own:nobody'"):
        load(lost)
