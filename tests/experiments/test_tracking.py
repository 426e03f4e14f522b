import json
import logging
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.tracking import Run, Tracker, connect, tracking_uri
from lodeworks.errors import ConfigError


@pytest.fixture
def tracker(workspace):
    return Tracker.open(workspace, experiment="demo")


def read(tracker, run: Run):
    return tracker.client.get_run(run.id)


def artifacts(tracker, run: Run) -> Path:
    import mlflow

    uri = read(tracker, run).info.artifact_uri
    where = mlflow.artifacts.download_artifacts(uri, tracking_uri=tracker.client.tracking_uri)
    return Path(where)


class TestAddress:
    def test_the_workspace_is_the_default(self, monkeypatch, tmp_path):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        assert tracking_uri(tmp_path) == f"sqlite:///{tmp_path.resolve()}/mlflow.db"

    def test_the_configuration_comes_before_it_and_the_environment_first(
        self, monkeypatch, tmp_path
    ):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        assert tracking_uri(tmp_path, "http://configured") == "http://configured"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://environment")
        assert tracking_uri(tmp_path, "http://configured") == "http://environment"

    def test_a_relative_workspace_is_made_absolute(self, monkeypatch, tmp_path):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        monkeypatch.chdir(tmp_path)
        assert tracking_uri(Path("w")) == f"sqlite:///{tmp_path.resolve()}/w/mlflow.db"

    def test_the_environment_decides_where_runs_go(self, monkeypatch, workspace, tmp_path):
        elsewhere = f"sqlite:///{workspace}/mlflow.db"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", elsewhere)
        tracker = Tracker.open(tmp_path / "unused", experiment="e")
        assert tracker.client.tracking_uri == elsewhere
        assert not (tmp_path / "unused" / "mlflow.db").exists()

    @pytest.mark.parametrize(
        "uri", ["no-such-scheme://user:hunter22@host/db", "postgresql://u:hunter22@127.0.0.1:1/db"]
    )
    def test_a_store_that_cannot_be_opened_is_named_without_its_password(
        self, monkeypatch, tmp_path, uri
    ):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        with pytest.raises(ConfigError, match=r"tracking\.uri: cannot open") as caught:
            connect(tmp_path, uri)
        assert "hunter22" not in str(caught.value)
        assert "***" in str(caught.value)

    def test_a_file_that_is_no_database_is_refused(self, monkeypatch, tmp_path):
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        (tmp_path / "mlflow.db").write_text("this is no database " * 100)
        with pytest.raises(ConfigError, match=r"cannot open sqlite:.*mlflow\.db"):
            connect(tmp_path)


class TestExperiment:
    def test_artifacts_lie_in_the_workspace(self, tracker, workspace):
        with tracker.run("r") as run:
            run.text("hello", "note.txt")
        found = list((workspace / "artifacts").rglob("note.txt"))
        assert [path.read_text() for path in found] == ["hello"]

    @pytest.mark.parametrize("name", ["100% Läden #1", "a+b%20c", "where? & what"])
    def test_a_workspace_may_be_called_anything(self, workspace, tmp_path, name):
        folder = tmp_path / name
        workspace.rename(folder)
        tracker = Tracker.open(folder, experiment="e")
        with tracker.run("r") as run:
            run.text("hello", "note.txt")
        assert [p.read_text() for p in folder.rglob("note.txt")] == ["hello"]
        assert [p.name for p in tmp_path.iterdir()] == [name]

    def test_the_same_name_is_the_same_experiment(self, tracker, workspace):
        again = Tracker.open(workspace, experiment="demo")
        assert again.experiment_id == tracker.experiment_id
        other = Tracker.open(workspace, experiment="other")
        assert other.experiment_id != tracker.experiment_id

    def test_a_deleted_experiment_is_taken_back(self, tracker, workspace):
        tracker.client.delete_experiment(tracker.experiment_id)
        again = Tracker.open(workspace, experiment="demo")
        with again.run("r") as run:
            pass
        assert read(again, run).info.status == "FINISHED"


class TestRun:
    def test_a_finished_run_keeps_its_name_and_tags(self, tracker):
        with tracker.run("nightly", {"as_of": "2011-11-08"}) as run:
            assert read(tracker, run).info.status == "RUNNING"
        found = read(tracker, run)
        assert found.info.status == "FINISHED"
        assert found.info.run_name == "nightly"
        assert found.data.tags["as_of"] == "2011-11-08"

    def test_children_and_grandchildren_know_their_parents(self, tracker):
        with (
            tracker.run("parent") as parent,
            parent.child("candidate", {"kind": "rules"}) as child,
            child.child("trial 0") as grandchild,
        ):
            pass
        tags = [read(tracker, run).data.tags for run in (parent, child, grandchild)]
        assert [t.get("mlflow.parentRunId") for t in tags] == [None, parent.id, child.id]
        assert [t.get("mlflow.rootRunId") for t in tags] == [None, parent.id, parent.id]
        assert tags[1]["kind"] == "rules"

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (ValueError("wrong"), "FAILED"),
            (KeyboardInterrupt(), "KILLED"),
            (SystemExit(143), "KILLED"),
        ],
    )
    def test_an_error_ends_the_run_and_the_runs_above_it(self, tracker, error, status):
        runs = []
        with (
            pytest.raises(type(error)),
            tracker.run("parent") as parent,
            parent.child("child") as child,
        ):
            runs += [parent, child]
            raise error
        assert [read(tracker, run).info.status for run in runs] == [status, status]
        assert read(tracker, runs[1]).data.tags["lode.error"].startswith(type(error).__name__)

    def test_a_store_that_went_away_does_not_hide_the_error(self, tracker, monkeypatch):
        def away(*_, **__):
            raise OSError("disk gone")

        with pytest.raises(ValueError, match="the real one"), tracker.run("r"):
            monkeypatch.setattr(tracker.client, "set_terminated", away)
            monkeypatch.setattr(tracker.client, "log_batch", away)
            raise ValueError("the real one")

    def test_a_caught_error_of_a_child_leaves_the_parent_well(self, tracker):
        with tracker.run("parent") as parent:
            with pytest.raises(ValueError, match="one"), parent.child("bad") as bad:
                raise ValueError("one")
            with parent.child("good") as good:
                pass
        states = [read(tracker, run).info.status for run in (parent, bad, good)]
        assert states == ["FINISHED", "FAILED", "FINISHED"]


class TestValues:
    def test_parameters_are_flat_text(self, tracker):
        with tracker.run("r") as run:
            run.params({"window": {"observe": 730, "as_of": "latest"}, "ks": [5, 10], "none": {}})
        assert read(tracker, run).data.params == {
            "window.observe": "730",
            "window.as_of": "latest",
            "ks": "[5, 10]",
            "none": "{}",
        }

    def test_long_and_many_parameters_are_taken(self, tracker):
        with tracker.run("r") as run:
            run.params({f"p{n}": n for n in range(250)} | {"long": "x" * 10_000, "k" * 400: 1})
        params = read(tracker, run).data.params
        assert len(params) == 252
        assert params["long"] == "x" * 497 + "..."
        assert params["k" * 250] == "1"

    def test_metrics_without_the_missing_ones(self, tracker):
        with tracker.run("r") as run:
            run.metrics(
                {
                    "recall@10": 0.25,
                    "profit (GBP)": np.float32(3.5),
                    "nan": float("nan"),
                    "inf": float("inf"),
                    "none": None,
                    "count": 3,
                }
            )
        assert read(tracker, run).data.metrics == {
            "recall_at_10": 0.25,
            "profit _GBP_": 3.5,
            "count": 3.0,
        }

    def test_metrics_of_several_steps(self, tracker):
        with tracker.run("r") as run:
            for step in range(3):
                run.metrics({"loss": 1.0 / (step + 1)}, step=step)
        history = tracker.client.get_metric_history(run.id, "loss")
        assert [(m.step, m.value) for m in history] == [(0, 1.0), (1, 0.5), (2, 1 / 3)]

    def test_long_tags_are_cut(self, tracker):
        with tracker.run("r") as run:
            run.tags({"note": "y" * 6000, "number": 5})
        tags = read(tracker, run).data.tags
        assert len(tags["note"]) == 5000
        assert tags["number"] == "5"

    def test_nothing_to_log_is_no_error(self, tracker):
        with tracker.run("r") as run:
            run.params({})
            run.metrics({"nan": float("nan")})
            run.tags({})
        assert read(tracker, run).data.params == {}


class TestArtifacts:
    def test_texts_json_tables_and_files(self, tracker, tmp_path):
        frame = pd.DataFrame({"customer": ["ä", "b"], "value": [1.5, np.nan]})
        binary = tmp_path / "plot.png"
        binary.write_bytes(bytes(range(256)))
        with tracker.run("r") as run:
            run.text("für alle\r\n", "notes/a.txt")
            run.json({"name": "Märkte", "when": pd.Timestamp("2011-11-08")}, "config.json")
            run.table(frame, "leaderboard")
            run.file(binary)
            run.file(binary, "deep/er/renamed.png")
        root = artifacts(tracker, run)
        assert (root / "notes" / "a.txt").read_bytes() == "für alle\r\n".encode()
        assert json.loads((root / "config.json").read_text())["name"] == "Märkte"
        pd.testing.assert_frame_equal(pd.read_csv(root / "tables" / "leaderboard.csv"), frame)
        assert (root / "plot.png").read_bytes() == bytes(range(256))
        assert (root / "deep" / "er" / "renamed.png").read_bytes() == bytes(range(256))

    def test_a_missing_file_fails_the_run(self, tracker, tmp_path):
        with pytest.raises(OSError), tracker.run("r") as run:
            run.file(tmp_path / "nowhere.txt")
        assert read(tracker, run).info.status == "FAILED"


class TestDatasets:
    def test_a_frame_is_known_by_its_content(self, tracker):
        frame = pd.DataFrame({"customer": ["a", "b"], "x": [1.0, 2.0]})
        digests = []
        for data in (
            frame,
            frame.copy(),
            frame.assign(x=[1.0, 3.0]),
            frame.rename(columns=str.upper),
        ):
            with tracker.run("r") as run:
                run.dataset("lines", data, source="lines.csv", context="evaluation")
            digests.append(read(tracker, run).inputs.dataset_inputs[0].dataset.digest)
        assert digests[0] == digests[1]
        assert len(set(digests)) == 3

    def test_a_known_digest_is_enough(self, tracker):
        with tracker.run("r") as run:
            run.dataset("warehouse", "ab" * 32, source="/data/lines.csv")
        used = read(tracker, run).inputs.dataset_inputs[0]
        assert used.dataset.digest == ("ab" * 32)[:36]
        assert used.dataset.name == "warehouse"
        assert json.loads(used.dataset.source) == {"uri": "/data/lines.csv"}
        assert {tag.key: tag.value for tag in used.tags} == {"mlflow.data.context": "training"}


class TestSecrets:
    SECRET = 'hunter"2<2/ü'

    def test_no_secret_reaches_the_store_or_the_artifacts(self, workspace, tmp_path):
        tracker = Tracker.open(workspace, experiment="e", secrets=[self.SECRET, "", "abc"])
        page = tmp_path / "report.html"
        page.write_text("<p>hunter&quot;2&lt;2/ü hunter%222%3C2%2F%C3%BC</p>")
        with pytest.raises(ValueError), tracker.run(f"n {self.SECRET}", {"t": self.SECRET}) as run:
            run.params({"uri": f"postgresql://me:{self.SECRET}@host", "list": [self.SECRET]})
            run.tags({"tag": self.SECRET})
            run.text(self.SECRET, "a.txt")
            run.json({"password": self.SECRET, "abc": "abc"}, "b.json")
            run.table(pd.DataFrame({"x": [self.SECRET]}), "c")
            run.file(page)
            run.dataset("d", "digest", source=self.SECRET)
            raise ValueError(self.SECRET)
        files = [file for file in workspace.rglob("*") if file.is_file()]
        assert len(files) == 5
        assert [file for file in files if b"hunter" in file.read_bytes()] == []
        assert read(tracker, run).data.params["uri"] == "postgresql://me:***@host"
        assert (artifacts(tracker, run) / "report.html").read_text() == "<p>*** ***</p>"
        assert "hunter" in page.read_text()

    def test_a_text_too_short_to_be_a_secret_is_left(self, workspace):
        tracker = Tracker.open(workspace, experiment="e", secrets=["abc", ""])
        with tracker.run("r") as run:
            run.params({"x": "abcdef"})
        assert read(tracker, run).data.params["x"] == "abcdef"


class TestQuiet:
    def test_a_fresh_store_is_made_in_silence_and_without_a_trace_outside(self, fresh_store):
        folder, done = fresh_store
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert [p.name for p in folder.iterdir() if not p.name.startswith(".")] == ["ein Büro"]
        made = sorted(p.name for p in (folder / "ein Büro").iterdir())
        assert made == ["artifacts", "mlflow.db"]

    def test_a_server_prints_no_addresses_and_no_bars(self, tracker):
        from mlflow import environment_variables as settings

        assert settings.MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT.get() is True
        assert settings.MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.get() is False
        assert settings.MLFLOW_DISABLE_TELEMETRY.get() is True

    def test_the_log_level_lets_warnings_through(self, tracker):
        assert logging.getLogger("mlflow").getEffectiveLevel() == logging.WARNING

    def test_a_failing_database_is_told_by_the_error_alone(self, tracker, workspace, capfd):
        with sqlite3.connect(workspace / "mlflow.db") as database:
            database.execute("DROP TABLE tags")
        with pytest.raises(Exception, match="no such table: tags"), tracker.run("r") as run:
            run.tags({"a": "b"})
        assert "Traceback" not in capfd.readouterr().err
