from pathlib import Path

import pytest

from lodeworks import ConfigError
from pipelines.config import load, resolved

HERE = Path(__file__).parent
VALID = sorted((HERE / "valid").glob("*.yaml"))
INVALID = sorted((HERE / "invalid").glob("*.yaml"))
MARK = "# message: "


def messages(path):
    lines = path.read_text().splitlines()
    return [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_example_loads(path):
    assert load(path).kind == "cross-sell"


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_example_says_the_same_when_written_out_and_loaded_again(path, tmp_path):
    config = load(path, environ={})
    again = tmp_path / "again.yaml"
    again.write_text(resolved(config))
    assert load(again, environ={}) == config


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_example_fails_with_the_messages_it_names(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    monkeypatch.delenv("LODE_TEST_UNSET", raising=False)
    with pytest.raises(ConfigError) as caught:
        load(path.name)
    expected = messages(path)
    assert expected, f"{path} names no message"
    for message in expected:
        assert message in str(caught.value)
    found = caught.value.problems or (caught.value.message,)
    assert len(found) == len(expected), found
