import json
import re
import shutil
from dataclasses import replace
from types import SimpleNamespace
from typing import Literal

import pandas as pd
import pytest

from experiments.report.sheet import Part, Sheet
from experiments.tracking import connect
from lodeworks.errors import ConfigError, LodeError
from lodeworks.progress import Silent
from pipelines import run as runs
from pipelines.config import kinds, load, load_cross_sell, schema
from pipelines.config.question import Question
from pipelines.questions import Answer, QuestionJob

YAML = """
kind: counting
name: many
workspace: {workspace}
least: 3
sources:
  - kind: csv
    name: shop
    table: own:visits
    path: visits.csv
    columns: {{who: who, n: {{from: n, type: number}}}}
"""


class Counting(Question):
    """How many visits were there?"""

    kind: Literal["counting"]
    """The business question."""

    least: int = 1
    """Visits that count."""


class Job(QuestionJob):
    """Counts, and keeps what it counted."""

    made = 0

    def answer(self, warehouse):
        def count(folder):
            type(self).made += 1
            rows = warehouse.table("visits").to_pandas()[["who", "n"]]
            rows.to_parquet(folder / "rows.parquet")

        step = self.cache.step("mine", "count", {"digest": self.digest}, count)
        rows = pd.read_parquet(step.folder / "rows.parquet")
        board = pd.DataFrame({"candidate": ["a", "b"], "winner": [True, False], "auc": [0.7, 0.6]})
        return Answer(
            sheet=Sheet(
                title="<b>many</b>",
                headline=f"{int(rows['n'].sum())} visits",
                parts=[Part(heading="All", tables={"by person": rows})],
            ),
            metrics={"visits": float(rows["n"].sum())},
            tables={"visits": rows},
            candidates=board,
            notes=["counted by hand"],
            facts={"least": self.question.least},
        )


@pytest.fixture
def path(tmp_path, monkeypatch, tracking_template):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setitem(kinds.KINDS, "counting", f"{__name__}:Counting")
    monkeypatch.setitem(runs.JOBS, "counting", f"{__name__}:Job")
    (tmp_path / "visits.csv").write_text("who,n\nann,2\nbob,5\n")
    (tmp_path / "workspace").mkdir()
    shutil.copy(tracking_template, tmp_path / "workspace" / "mlflow.db")
    path = tmp_path / "c.yaml"
    path.write_text(YAML.format(workspace=tmp_path / "workspace"))
    return path


def test_an_answer_is_written_whole_and_tracked(path):
    summary = runs.run(load(path))
    assert summary.text().startswith("7 visits\n")
    assert re.search(r"^visits +7$", summary.text(), re.MULTILINE)
    assert re.search(rf"^report +{summary.paths['report']}$", summary.text(), re.MULTILINE)
    assert summary.to_dict()["leaderboard"][1] == {"candidate": "b", "winner": False, "auc": 0.6}
    manifest = json.loads(summary.paths["manifest"].read_text())
    assert (manifest["kind"], manifest["least"], manifest["metrics"]) == (
        "counting",
        3,
        {"visits": 7.0},
    )
    assert manifest["load"]["rows_in"] == 2
    page = summary.paths["report"].read_text()
    assert "&lt;b&gt;many" in page
    assert "<b>many" not in page
    assert pd.read_parquet(summary.paths["visits"])["who"].tolist() == ["ann", "bob"]
    client = connect(path.parent / "workspace")
    run = client.get_run(manifest["mlflow_run_id"])
    assert run.data.metrics == {"visits": 7.0}
    assert run.data.params["least"] == "3"
    children = client.search_runs(
        [run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    )
    assert sorted(child.info.run_name for child in children) == ["a", "b"]


def test_what_was_found_before_is_kept(path):
    runs.run(load(path))
    made = Job.made
    again = runs.run(load(path))
    assert Job.made == made
    assert "mine: count" in json.loads(again.paths["manifest"].read_text())["reused_steps"]


def test_an_answer_that_fails_leaves_no_run(path, monkeypatch):
    def fail(self, warehouse):
        raise LodeError("no")

    monkeypatch.setattr(Job, "answer", fail)
    with pytest.raises(LodeError):
        runs.run(load(path))
    assert not list((path.parent / "workspace" / "runs").glob("*"))


def bundled(path):
    """Give a job, and an answer whose bundle waits to be registered."""
    answer = Answer(sheet=Sheet(title="t", headline="h"), bundle=path.parent, judge=lambda *_: None)
    return Job(load(path), Silent(), False), answer


def test_a_bundle_waits_while_the_tracking_server_is_away(path):
    job, answer = bundled(path)
    away = SimpleNamespace(tracker=SimpleNamespace(away=True))
    promotion, told = job._promote(answer, away)
    assert promotion is None
    assert told.exit_code == 0
    assert told.notes[0].startswith("the winner is not registered, because the tracking server is")


def test_nothing_is_registered_where_that_is_not_wanted(path):
    path.write_text(f"{path.read_text()}promotion: {{register: false}}\n")
    job, answer = bundled(path)
    assert job._promote(answer, None) == (None, answer)
    assert job._promote(replace(answer, judge=None), None)[0] is None
    assert job._promote(replace(answer, bundle=None), None)[0] is None


def test_the_model_may_have_a_name_of_its_own(path):
    assert load(path).model_name == "many"
    assert load(path, ["promotion.name=visits"]).model_name == "visits"


def test_a_command_that_needs_cross_sell_says_so(path):
    with pytest.raises(ConfigError, match="kind is 'counting'; needed: 'cross-sell'"):
        load_cross_sell(path)


def test_every_kind_has_a_schema_and_unknown_ones_a_hint(path):
    known = schema("counting")["properties"]
    assert {"kind", "name", "sources", "least", "seed"} <= set(known)
    assert all(value["description"] for value in known.values())
    with pytest.raises(ConfigError, match="counting"):
        schema("countin")


def test_every_kind_has_a_job():
    assert set(kinds.KINDS) == set(runs.JOBS)
