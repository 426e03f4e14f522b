import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import pipelines
from lodeworks import ConfigError
from pipelines.config import load

LINES = "{kind: csv, path: data/lines.csv, columns: {customer_id: c, item_id: i, ordered_at: t}}"
TEXT = f"kind: cross-sell\nname: x\nsources: [{LINES}]\n"


@pytest.fixture
def write(tmp_path):
    def put(text, name="a.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return put


def test_defaults_are_those_of_the_reference(write):
    config = load(write(TEXT))
    assert (config.workspace, config.seed, config.items.min_customers) == (".lode", 0, 5)
    assert config.window.model_dump() == {
        "as_of": "latest",
        "observe": 730,
        "gap": 0,
        "outcome": 31,
        "backtests": 3,
    }
    assert config.evaluation.ks == (5, 10, 20)
    assert config.promotion.register_ is True
    assert config.features.families[0] == "rfm"
    assert len(config.candidates) > 1


def test_spans_dates_and_overrides_arrive_as_values(write):
    config = load(write(TEXT), ["window.as_of=2011-11-08", "window.gap=1w", "tuning.timeout=2m"])
    assert config.window.as_of == date(2011, 11, 8)
    assert (config.window.gap, config.tuning.timeout) == (7, 120)


def test_data_files_count_from_the_file_that_states_them(write, tmp_path, monkeypatch):
    write(TEXT + "policy: {opt_out: out.csv, suppress: [s.csv, /abs/s.csv]}\n", "base/b.yaml")
    top = write("extends: base/b.yaml\npolicy: {opt_out: mine.csv}\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = load(top)
    assert config.sources[0].path == str(tmp_path / "base/data/lines.csv")
    assert config.policy.opt_out == str(tmp_path / "mine.csv")
    assert config.policy.suppress == (str(tmp_path / "base/s.csv"), "/abs/s.csv")
    assert config.workspace == ".lode"


def test_data_files_on_the_command_line_count_from_the_current_folder(write, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    config = load(write(TEXT), ["sources.0.path=../x.csv", "policy.opt_out=s3://b/k.csv"])
    assert config.sources[0].path == str(tmp_path / "x.csv")
    assert config.policy.opt_out == "s3://b/k.csv"


def test_a_source_is_called_like_its_file_unless_it_says_otherwise(write):
    assert load(write(TEXT)).sources[0].name == "lines"
    assert load(write(TEXT), ["sources.0.name=other"]).sources[0].name == "other"


def test_the_environment_is_read_and_remembered(write):
    path = write(TEXT + "tracking: {uri: 'db://${PASSWORD}@h'}\n")
    config = load(path, environ={"PASSWORD": "s3cret"})
    assert config.tracking.uri == "db://s3cret@h"
    assert config.secrets == {("tracking", "uri"): "db://${PASSWORD}@h"}
    assert "s3cret" not in f"{config!r} {config}"


@pytest.mark.parametrize(
    "text",
    [
        "seed: '${PASSWORD}'\n",
        "tuning: {metric: '${PASSWORD}'}\n",
        "window: {as_of: '${PASSWORD}'}\n",
        "act: {format: '${PASSWORD}'}\n",
        "candidates: [{kind: '${PASSWORD}'}]\n",
        "features: {families: ['${PASSWORD}']}\n",
        "economics: {currency: 'x${PASSWORD}'}\n",
        "policy: '${PASSWORD}'\n",
    ],
)
def test_an_error_never_shows_what_came_from_the_environment(write, text):
    with pytest.raises(ConfigError) as caught:
        load(write(TEXT + text), environ={"PASSWORD": "s3cret-" * 12})
    assert "s3cret" not in str(caught.value)
    assert "${PASSWORD}" in str(caught.value)


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file(write):
    path = write(TEXT + "seed: -1\nwindw: 3\npolicy: {rows: 0, opt_out: '${UNSET}'}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})
    assert caught.value.message == f"{path}: 4 problems"
    assert caught.value.problems == (
        f"{path}:4: seed: given -1; a value of at least 0 is needed",
        f"{path}:5: windw: unknown key; did you mean 'window'?",
        f"{path}:6: policy.opt_out: the environment variable UNSET is not set; "
        "set it or write ${UNSET:-default}",
        f"{path}:6: policy.rows: given 0; a value of at least 1 is needed",
    )


def test_a_mistake_in_a_base_is_told_with_the_base(write, tmp_path):
    write(TEXT + "seed: x\n", "b.yaml")
    with pytest.raises(ConfigError, match=r"b.yaml:4: seed: given 'x'; a whole number is needed"):
        load(write("extends: b.yaml\n"))


def test_a_mistake_on_the_command_line_is_told_with_the_option(write):
    with pytest.raises(ConfigError) as caught:
        load(write(TEXT), ["policy.rows=none"])
    expected = "--set policy.rows: policy.rows: given 'none'; a whole number is needed"
    assert caught.value.message == expected


def test_a_path_that_is_no_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_importing_the_configuration_stays_light():
    heavy = ("pandas", "sklearn", "mlflow", "ibis", "lightgbm", "numpy")
    code = f"import sys, pipelines.config; print([m for m in {heavy} if m in sys.modules])"
    root = Path(pipelines.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "[]", done.stderr
