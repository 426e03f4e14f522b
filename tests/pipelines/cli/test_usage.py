import json

import pytest

import lodeworks


def test_without_a_word_it_explains_itself(lode):
    told = lode()
    assert told.code == 0
    for command in ("run", "score", "check", "generate", "schema", "version"):
        assert command in told.out
    assert "Exit codes" in told.out


@pytest.mark.parametrize("words", [("version",), ("--version",)])
def test_tells_its_version(lode, words):
    told = lode(*words)
    assert (told.code, told.out) == (0, f"lodeworks {lodeworks.__version__}\n")


@pytest.mark.parametrize("command", ["run", "score", "check", "generate", "schema", "version"])
def test_every_command_explains_itself(lode, command):
    told = lode(command, "--help")
    assert told.code == 0
    assert f"lode {command}" in told.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("rum",), "Did you mean 'run'"),
        (("run",), "Missing argument 'CONFIG'"),
        (("run", "a.yaml", "--quite"), "--quiet"),
        (("--nonsense",), "No such option"),
    ],
)
def test_bad_usage_is_told_with_the_way_out(lode, words, message):
    told = lode(*words)
    assert (told.code, told.out) == (2, "")
    assert message in told.err
    assert "Traceback" not in told.err


def test_bad_usage_is_an_object_too(lode):
    told = lode("run", "--json")
    assert json.loads(told.out)["error"]["kind"] == "UsageError"
    assert json.loads(told.out)["error"]["exit_code"] == 2
