"""A real MLflow server behind a door that can be shut: nothing that a run told is lost."""

import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from experiments.outbox import HANDLE, LOCAL, pending, send
from experiments.tracking import Tracker, client_of
from lodeworks import ConfigError

PASSED = ("Content-Type", "Accept")

# A busy machine takes minutes to start the server.
pytestmark = pytest.mark.timeout(1200)


class Door(BaseHTTPRequestHandler):
    """Hands requests on to the server behind it, or fails as its owner says."""

    def _answer(self):
        door = self.server
        door.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if door.dies_after is not None and door.asked > door.dies_after:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return None
        if door.slow_after is not None and door.asked > door.slow_after:
            door.wait.wait(60)
        if door.shut_after is not None and door.asked > door.shut_after:
            return self._say(door.status, b'{"error_code": "INTERNAL_ERROR", "message": "shut"}')
        headers = {name: self.headers[name] for name in PASSED if self.headers[name]}
        asked = urllib.request.Request(
            door.behind + self.path, body or None, headers, method=self.command
        )
        try:
            with urllib.request.urlopen(asked, timeout=60) as told:
                return self._say(told.status, told.read())
        except urllib.error.HTTPError as error:
            return self._say(error.code, error.read())

    def _say(self, status, body):
        with suppress(OSError):  # who asked may have gone away
            self._write(status, body)

    def _write(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start a real server on loopback, with its own database."""
    from mlflow.utils import find_free_port

    folder, port = tmp_path_factory.mktemp("server"), find_free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--serve-artifacts"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/m.db"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    yield address if _is_up(address, process) else pytest.fail("the server did not start")
    process.terminate()
    process.wait(60)


def _is_up(address, process):
    for _ in range(3000):
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return True
        except OSError:
            if process.poll() is not None:
                return False
            threading.Event().wait(0.2)
    return False


@pytest.fixture
def door(server, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    door = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    door.behind, door.asked, door.shut_after, door.status = server, 0, None, 500
    door.dies_after, door.slow_after, door.wait = None, None, threading.Event()
    thread = threading.Thread(target=door.serve_forever)
    thread.start()
    yield door
    door.wait.set()
    door.shutdown()
    thread.join()
    door.server_close()


def address(door):
    return f"http://127.0.0.1:{door.server_address[1]}"


def tell(workspace, door, experiment):
    """Track a run with a child, files and data, and give its name and what is to be told."""
    tracker = Tracker.open(workspace, address(door), experiment)
    with tracker.run("nightly", {"lode.kind": "cross-sell"}) as run:
        run.params({"seed": 7, "window": {"observe": 730}})
        run.dataset("warehouse", "abc", source="lines.csv")
        with run.child("popularity") as child:
            child.metrics({"recall@10": 0.25})
        run.text("kind: cross-sell\n", "config.yaml")
        run.metrics({"profit": 12.5})
    return run.id, tracker.notes()


def runs_of(door, experiment):
    client = client_of(address(door))
    found = client.get_experiment_by_name(experiment)
    return client, client.search_runs([found.experiment_id]) if found else []


def check_whole(door, experiment):
    client, runs = runs_of(door, experiment)
    by_name = {run.info.run_name: run for run in runs}
    assert sorted(by_name) == ["nightly", "popularity"]
    parent, child = by_name["nightly"], by_name["popularity"]
    assert parent.data.params == {"seed": "7", "window.observe": "730"}
    assert parent.data.metrics == {"profit": 12.5}
    assert child.data.metrics == {"recall_at_10": 0.25}
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert [one.dataset.name for one in parent.inputs.dataset_inputs] == ["warehouse"]
    assert [file.path for file in client.list_artifacts(parent.info.run_id)] == ["config.yaml"]
    return parent


def test_a_server_that_is_there_gets_everything_at_once(door, tmp_path):
    run_id, notes = tell(tmp_path, door, "at-once")
    assert check_whole(door, "at-once").info.run_id == run_id
    assert notes == []
    assert pending(tmp_path) == []


def test_a_server_that_fails_at_any_moment_loses_nothing(door, tmp_path):
    tell(tmp_path, door, "counted")
    orders = door.asked
    assert orders > 10
    for shut_after in range(0, orders, 5):
        experiment = f"shut-after-{shut_after}"
        workspace = tmp_path / experiment
        door.asked, door.shut_after = 0, shut_after
        _, (note,) = tell(workspace, door, experiment)
        assert "is away" in note
        assert "`lode sync`" in note
        (folder,) = pending(workspace)
        door.shut_after = None
        assert send(folder, client_of) > 0
        check_whole(door, experiment)
        assert pending(workspace) == []


def test_a_server_that_nobody_reaches_gives_the_run_a_local_name(door, tmp_path):
    door.shut_after = 0
    run_id, _ = tell(tmp_path, door, "unreached")
    assert run_id.startswith(LOCAL)
    (folder,) = pending(tmp_path)
    with pytest.raises(Exception, match=r"500|shut"):
        send(folder, client_of)
    assert pending(tmp_path) == [folder]
    door.shut_after = None
    send(folder, client_of)
    assert check_whole(door, "unreached").data.tags[HANDLE] == run_id


def test_sending_that_breaks_off_goes_on_where_it_was(door, tmp_path):
    door.shut_after = 0
    tell(tmp_path, door, "broken-off")
    (folder,) = pending(tmp_path)
    total = len((folder / "orders.jsonl").read_text().splitlines())
    door.asked, door.shut_after = 0, 8
    with pytest.raises(Exception, match=r"500|shut"):
        send(folder, client_of)
    sent = json.loads((folder / "sent.json").read_text())["sent"]
    assert 0 < sent < total
    door.shut_after = None
    assert send(folder, client_of) == total - sent
    check_whole(door, "broken-off")


def test_an_order_torn_by_a_kill_is_left_out(door, tmp_path):
    door.shut_after = 0
    tell(tmp_path, door, "torn")
    (folder,) = pending(tmp_path)
    with (folder / "orders.jsonl").open("a") as file:
        file.write('{"kind": "batch", "run": "')
    door.shut_after = None
    send(folder, client_of)
    check_whole(door, "torn")


def test_a_server_that_answers_too_late_is_away_and_hears_nothing_twice(
    door, tmp_path, monkeypatch
):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    door.slow_after = 6
    run_id, (note,) = tell(tmp_path, door, "slow")
    assert "is away" in note
    assert "timed out" in note.lower()
    (folder,) = pending(tmp_path)
    door.wait.set()  # what was asked too late arrives in the end
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
    send(folder, client_of)
    check_whole(door, "slow")
    assert run_id


def test_a_server_that_dies_while_it_is_asked_loses_nothing(door, tmp_path):
    door.dies_after = 9
    _, (note,) = tell(tmp_path, door, "dead")
    assert "is away" in note
    (folder,) = pending(tmp_path)
    with pytest.raises(Exception, match=r"aborted|closed|reset|Max retries"):
        send(folder, client_of)
    assert pending(tmp_path) == [folder]
    door.dies_after = None
    send(folder, client_of)
    check_whole(door, "dead")
    assert pending(tmp_path) == []


def test_the_password_of_a_server_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    whole = "http://ann:hush-hush@127.0.0.1:9"
    tracker = Tracker.open(tmp_path, whole, "secret")
    with tracker.run("nightly") as run:
        run.params({"seed": 7})
    (folder,) = pending(tmp_path)
    kept = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert [text for text in kept if "hush-hush" in text] == []
    asked = []

    def connect(address):
        asked.append(address)
        raise ConnectionError("away")

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(ConfigError, match=r"ann:\*\*\*@127.0.0.1:9 is not kept: give the whole"):
        send(folder, connect)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", whole)
    with pytest.raises(ConnectionError, match="away"):
        send(folder, connect)
    assert asked == [whole]
