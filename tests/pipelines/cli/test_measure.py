"""How `lode measure` and `lode plan` are typed."""

import pytest

from pipelines.cli.measure import read_window


@pytest.fixture
def calls(job):
    return job("pipelines.measure", "measure")


def test_options_reach_the_job(lode, calls, tmp_path):
    told = lode(
        *("measure", "list.csv", "--outcomes", "after.csv", "--contacts", "c.csv"),
        *("--past", "before.csv", "--window", "2w", "--through", "2024-12-31", "--so-far"),
        *("--accept-edited", "--level", 0.9, "--workspace", tmp_path, "--quiet"),
    )
    assert (told.code, told.out) == (0, "all done\n")
    ((given,), named) = calls[0]
    assert (str(given.path), str(given.outcomes), given.window) == ("list.csv", "after.csv", 14)
    assert (given.so_far, given.accept_edited, given.accept_mismatch) == (True, True, False)
    assert (str(given.through), given.level) == ("2024-12-31", 0.9)
    assert named["config"] is None
    assert named["workspace"] == tmp_path


def test_the_configuration_is_loaded(lode, calls, config):
    told = lode("measure", "l.csv", "--outcomes", "o.csv", "--config", config, "--quiet")
    assert told.code == 0
    assert calls[0][1]["config"].name == "x"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give a LIST with --outcomes, or --experiment FILE"),
        (["list.csv"], "--outcomes is missing"),
        (["list.csv", "--outcomes", "o", "--experiment", "e"], "give a LIST with --outcomes"),
        (["list.csv", "--outcomes", "o", "--control", "x"], "--control goes with --experiment"),
        (["--experiment", "e", "--past", "p"], "--past goes with a LIST only"),
        (["--experiment", "e"], "--treatment is missing"),
        (["l.csv", "--outcomes", "o", "--window", "6m"], "'6m': a span of days is needed"),
        (["l.csv", "--outcomes", "o", "--window", "0"], "at least one day is needed"),
        (["l.csv", "--outcomes", "o", "--through", "soon"], "'soon' is not a date"),
        (["l.csv", "--outcomes", "o", "--level", "1"], "--level must be between 0 and 1 but got 1"),
    ],
)
def test_wrong_usage_is_told(lode, words, message):
    told = lode("measure", *words)
    assert told.code == 2
    assert message in told.err


def test_all_that_is_missing_is_told_at_once(lode):
    told = lode("measure", "--experiment", "e")
    assert all(f"{name} is missing" in told.err for name in ("--treatment", "--control"))


def test_a_window_may_be_a_number():
    assert read_window("31") == read_window("31d") == 31


@pytest.mark.parametrize("name", ["measure", "plan"])
def test_help_needs_no_heavy_import(name):
    import subprocess
    import sys

    code = (
        f"import sys; from pipelines.cli import main; main(['{name}', '--help']);"
        "heavy = {'pandas', 'scipy', 'numpy', 'mlflow'} & set(sys.modules);"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--" in done.stdout
