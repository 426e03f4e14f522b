"""Every example configuration does its job through the real command."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from experiments.bundle import load_bundle
from features.warehouse import Warehouse
from pipelines.cli import main
from pipelines.lists import COLUMNS

FOLDER = Path(__file__).resolve().parents[2] / "configs"
EXAMPLES = sorted(path.name for path in FOLDER.glob("*.yaml"))

# A new example gets a line here: what makes it quick enough for a test.
QUICK = {
    "demo.yaml": ["tuning.trials=2", "evaluation.bootstrap=200", "window.backtests=2"],
    "online_retail.yaml": [
        "candidates=[{kind: popularity}, {kind: rules}]",
        "tuning.trials=1",
        "evaluation.bootstrap=200",
        # Cheap contacts make a long list to look at.
        "economics.contact_cost=0.1",
    ],
}

# The examples of other questions are executed beside the tests of their jobs.
ELSEWHERE = {
    "default.yaml": "predicting/test_real.py",
    "deviation.yaml": "segmenting/test_examples_of_segments.py",
    "next_activity.yaml": "segmenting/test_examples_of_segments.py",
    "response.yaml": "predicting/test_real.py",
    "response_coil.yaml": "predicting/test_real.py",
    "retention.yaml": "predicting/test_real.py",
    "segments.yaml": "segmenting/test_examples_of_segments.py",
    "uplift.yaml": "uplifting/test_job.py",
    "value.yaml": "valuing/test_job.py",
    "value_cdnow.yaml": "valuing/test_job.py",
    "value_classes.yaml": "valueclasses/test_value_classes.py",
}


def test_every_example_has_a_test_that_executes_it():
    assert sorted([*QUICK, *ELSEWHERE]) == EXAMPLES, "add the example and a test of what it gives"
    for name, test in ELSEWHERE.items():
        assert name.removesuffix(".yaml") in (Path(__file__).parent / test).read_text(), name


class Executed:
    """What an example left."""

    def __init__(self, summary, workspace):
        self.summary = summary
        self.workspace = workspace
        self.offers = pd.read_parquet(summary["paths"]["list"])
        self.board = pd.DataFrame(summary["leaderboard"])
        self.manifest = json.loads(Path(summary["paths"]["manifest"]).read_text())


@pytest.fixture(scope="session")
def execute(tracking_template, tmp_path_factory):
    """Type the command for an example; give what it printed and left."""

    def type_command(name, **environment):
        workspace = tmp_path_factory.mktemp("example")
        shutil.copy(tracking_template, workspace / "mlflow.db")
        changes = [part for change in QUICK[name] for part in ("--set", change)]
        told = workspace / "told.json"
        with pytest.MonkeyPatch.context() as patched, told.open("w+") as out:
            patched.delenv("MLFLOW_TRACKING_URI", raising=False)
            for variable, value in environment.items():
                patched.setenv(variable, str(value))
            patched.setattr("sys.stdout", out)
            places = ["--workspace", str(workspace), "--quiet", "--json"]
            code = main(["run", str(FOLDER / name), *changes, *places])
        assert code == 0, told.read_text()
        return Executed(json.loads(told.read_text()), workspace)

    return type_command


@pytest.fixture(scope="session")
def demo(execute, shop):
    return execute("demo.yaml", LODE_DEMO=shop.folder)


def test_the_demo_lets_every_family_compete(demo):
    named = yaml.safe_load((FOLDER / "demo.yaml").read_text())["candidates"]
    assert set(demo.board["candidate"]) == {one["kind"] for one in named}
    assert set(demo.board["family"]) == {
        *["baseline", "clustering", "association", "tree", "neural"]
    }
    assert demo.board["winner"].sum() == 1
    assert demo.board["recall@10_new"].between(0, 1).all()


def test_every_row_of_the_demo_is_accounted_for(demo, shop):
    lines = {source["source"]: source for source in demo.manifest["load"]["sources"]}["lines"]
    assert lines["rows_in"] == shop.counts["lines"]
    assert lines["rows_in"] == lines["rows_loaded"] + lines["rows_rejected"]
    assert lines["rows_rejected"] > 0


def test_the_demo_makes_a_list_that_could_be_sent(demo):
    assert tuple(demo.offers.columns) == COLUMNS
    assert len(demo.offers) > 100
    assert set(demo.offers["group"]) == {"target", "control"}
    assert demo.offers.groupby("customer_id").size().max() <= 5
    assert demo.summary["expected_profit"]["mean"] > 0
    assert demo.summary["promotion"]["status"] == "first"


def test_the_demo_beats_its_baseline(demo):
    by_name = demo.board.set_index("candidate")
    best = by_name.loc[demo.board["candidate"][0], "recall@10_new"]
    assert by_name["recall@10_new"].max() > by_name.loc["popularity", "recall@10_new"]
    assert best > 0


def test_the_demo_names_no_folder_of_this_machine_in_its_bundle(demo, shop):
    text = json.dumps(load_bundle(demo.summary["paths"]["bundle"]).meta)
    assert str(shop.folder) not in text


def test_the_demo_leaves_a_page_that_needs_no_network(demo):
    page = Path(demo.summary["paths"]["report"]).read_text()
    assert "<html" in page
    for outside in ('src="http', 'href="http', "@import", "url(http"):
        assert outside not in page


@pytest.fixture(scope="session")
def retail(execute, real_data):
    return execute("online_retail.yaml", LODE_DATA=real_data)


@pytest.mark.real
@pytest.mark.slow
def test_every_row_of_online_retail_is_accounted_for(retail):
    assert retail.summary["rows_in"] == 541_909
    assert retail.summary["rows_loaded"] + retail.summary["rows_rejected"] == 541_909
    (source,) = retail.manifest["load"]["sources"]
    assert sum(source["reasons"].values()) == source["rows_rejected"]
    assert source["reasons"]["customer_id is missing"] == 135_080


@pytest.mark.real
@pytest.mark.slow
def test_online_retail_has_the_customers_items_and_lines_that_were_counted_before(retail):
    with Warehouse.open(retail.workspace / "warehouse.duckdb") as warehouse:
        bought = warehouse.lines.filter(~warehouse.lines.is_return)
        assert bought.count().to_pandas() == 396_337
        assert bought.customer_id.nunique().to_pandas() == 4_334
        assert bought.item_id.nunique().to_pandas() == 3_659
        assert str(warehouse.last_day) == "2011-12-09"


@pytest.mark.real
@pytest.mark.slow
def test_online_retail_is_measured_by_the_fixed_protocol(retail):
    test, *backtests = retail.manifest["windows"]
    assert (test["as_of"], test["gap"], test["outcome"]) == ("2011-11-08", 0, 31)
    assert len(backtests) == 4
    assert retail.manifest["list_as_of"] == "2011-12-09"
    by_name = retail.board.set_index("candidate")
    assert by_name.loc["rules", "recall@10_new"] > by_name.loc["popularity", "recall@10_new"] > 0
    assert by_name["recall@10_all"].gt(by_name["recall@10_new"]).all()
    assert by_name["expected_profit"].max() > 0


@pytest.mark.real
@pytest.mark.slow
def test_online_retail_makes_a_list_with_reasons(retail):
    assert len(retail.offers) > 1000
    assert retail.offers["reason"].str.len().min() > 20
    assert set(retail.offers["group"]) == {"target", "control"}
    assert retail.offers.groupby("customer_id").size().max() == 10
    assert not retail.offers.duplicated(["customer_id", "item_id"]).any()
    assert retail.offers["item_id"].str.fullmatch(r"[0-9]{5}.*").all()
    assert retail.offers["probability"].between(0, 1).all()
