import json

import pytest

from experiments.outbox import pending
from experiments.tracking import connect
from lodeworks.errors import ConfigError, LodeError
from pipelines.run import run
from pipelines.sync import sync

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


def test_a_run_goes_on_without_the_server_and_is_sent_later(prepared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a database keeps files there
    config = prepared(f"tracking.uri={NOBODY}", candidates=[{"kind": "popularity"}])
    summary = run(config)
    assert summary.exit_code == 0
    assert summary.list_counts["rows"] > 0
    assert summary.promotion is None
    told = "\n".join(summary.notes)
    assert "the winner is not registered, because the tracking server is away" in told
    assert f"the tracking server {NOBODY} is away" in told
    workspace = summary.paths["manifest"].parents[2]
    (folder,) = pending(workspace)
    with pytest.raises(LodeError, match="0 runs sent, then the server failed"):
        sync(workspace)
    assert pending(workspace) == [folder]

    store = f"sqlite:///{workspace}/mlflow.db"
    (folder / "server.json").write_text(json.dumps({"uri": store}))
    assert sync(workspace).text().startswith("1 run sent")
    assert pending(workspace) == []
    client = connect(workspace)
    found = client.get_experiment_by_name(config.name)
    runs = client.search_runs([found.experiment_id])
    assert "popularity" in [one.info.run_name for one in runs]
    (parent,) = [one for one in runs if one.info.run_name == summary.run_id]
    files = [file.path for file in client.list_artifacts(parent.info.run_id)]
    assert {"config.yaml", "report.html", "manifest.json"} <= set(files)
    assert sync(workspace).text() == "nothing waits to be sent"


def test_no_workspace_is_made(tmp_path):
    with pytest.raises(ConfigError, match="there is no workspace"):
        sync(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
