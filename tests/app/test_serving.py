"""Starting the workbench."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from app.people import Role, digest_of
from app.serving import TOKEN_VARIABLE, Start, is_loopback, prepare, serve
from lodeworks.errors import ConfigError, LodeError

ELSEWHERE = "0.0.0.0"


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    monkeypatch.setenv("LODE_USER", "anna")


def test_on_this_machine_nobody_signs_in(tmp_path):
    settings, token = prepare(Start(workspace=tmp_path))
    assert (settings.people, token) == ((), "")
    assert (settings.visitor.name, settings.visitor.role) == ("anna", Role.ANALYST)


@pytest.mark.parametrize("host", [ELSEWHERE, "192.168.1.5", "::", "bench.example"])
def test_elsewhere_a_token_is_made(tmp_path, host):
    settings, token = prepare(Start(workspace=tmp_path, host=host, role="viewer"))
    (person,) = settings.people
    assert len(token) >= 43
    assert person.knows(token)
    assert person.role is Role.VIEWER


@pytest.mark.parametrize("host", ["127.0.0.1", ELSEWHERE])
def test_a_given_token_is_asked_for_everywhere_and_not_shown(tmp_path, monkeypatch, host):
    monkeypatch.setenv(TOKEN_VARIABLE, "a token that was given")
    settings, token = prepare(Start(workspace=tmp_path, host=host, role="owner"))
    assert token == ""
    assert settings.people[0].token_digest == digest_of("a token that was given")


def test_a_short_token_is_refused_and_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv(TOKEN_VARIABLE, "short-secret")
    with pytest.raises(ConfigError, match="has 12 characters; at least 16") as caught:
        prepare(Start(workspace=tmp_path))
    assert "short-secret" not in str(caught.value)


def test_people_of_a_file_sign_in_with_their_own(tmp_path):
    path = tmp_path / "people.yaml"
    path.write_text(f"- {{name: bert, role: owner, token_sha256: {digest_of('x' * 20)}}}\n")
    settings, token = prepare(Start(workspace=tmp_path, host=ELSEWHERE, people=path))
    assert (settings.people[0].name, token) == ("bert", "")


def test_all_that_is_missing_is_told_at_once(tmp_path):
    start = Start(
        workspace=tmp_path / "none", cubes=(tmp_path / "a.yaml",), rules=(tmp_path / "b.parquet",)
    )
    with pytest.raises(ConfigError) as caught:
        prepare(start)
    told = "\n".join(caught.value.problems)
    assert "--cube" in told
    assert "--rules" in told
    assert "there is no workspace" in told
    with pytest.raises(ConfigError, match=r"there is no workspace .*; a run makes one"):
        prepare(Start(workspace=tmp_path / "none"))


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
     (ELSEWHERE, False), ("::", False), ("10.0.0.1", False), ("localhost.example", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches(host, own):
    assert is_loopback(host) is own


def test_a_port_in_use_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = f"port {port} on 127.0.0.1 is in use; give another --port, or 0"
        with pytest.raises(LodeError, match=said):
            serve(Start(workspace=tmp_path, port=port), lambda text: None)


def test_an_address_of_another_machine_is_said(tmp_path):
    with pytest.raises(LodeError, match=r"192\.0\.2\.1 is no address of this machine"):
        serve(Start(workspace=tmp_path, host="192.0.2.1", port=0), lambda text: None)


def started(workspace, *options):
    """Start the command; give the process and the address it tells."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "pipelines.cli", "ui", "--workspace", str(workspace)]
    process = subprocess.Popen(
        [*command, "--port", "0", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    return process, re.search(r"http://\S+", process.stdout.readline()).group()


def test_the_command_serves_until_it_is_stopped(filled):
    process, address = started(filled)
    with process, urllib.request.urlopen(address) as answer:
        assert b"Contact 3 customers" in answer.read()
        assert "uvicorn" not in str(answer.headers).lower()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (0, 130, -signal.SIGINT)


def test_several_readers_share_a_workspace(filled):
    first, one = started(filled)
    second, other = started(filled)
    with first, second:
        for address in (one, other, one):
            with urllib.request.urlopen(f"{address}explore") as answer:
                assert b"Groceries" in answer.read()
        for process in (first, second):
            process.send_signal(signal.SIGINT)
            process.wait(20)
