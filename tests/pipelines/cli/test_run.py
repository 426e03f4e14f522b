import json
import time

import pytest

from lodeworks import BudgetExceeded, ConfigError, DataError, GateRefused, LodeError


def test_runs_the_job_and_prints_its_summary(lode, config, job):
    calls = job("pipelines.run", "run")
    told = lode("run", config, "--quiet")
    assert (told.code, told.out, told.err) == (0, "all done\n", "")
    ((given, named),) = calls
    assert given[0].name == "x"
    assert named["fresh"] is False


def test_json_is_one_object_on_standard_output(lode, config, job):
    job("pipelines.run", "run", lambda config, progress, **_: progress.note("working"))
    told = lode("run", config, "--json")
    assert json.loads(told.out) == {"status": "done"}
    assert told.out.count("\n") == 1
    assert told.err == "working\n"


def test_quiet_says_nothing_while_it_works(lode, config, job):
    job("pipelines.run", "run", lambda config, progress, **_: progress.note("working"))
    assert lode("run", config, "--quiet").err == ""


def test_options_reach_the_job(lode, config, job):
    calls = job("pipelines.run", "run")
    words = ("--set", "seed=7", "--set", "window.gap=1w", "--workspace", "w: [x] ${y}", "--fresh")
    assert lode("run", config, *words, "--timeout", "10m").code == 0
    ((given, named),) = calls
    assert (given[0].seed, given[0].window.gap) == (7, 7)
    assert given[0].workspace == "w: [x] ${y}"
    assert named["fresh"] is True


def test_the_workspace_option_wins_over_set(lode, config, job):
    calls = job("pipelines.run", "run")
    lode("run", config, "--set", "workspace=a", "--workspace", "b")
    assert calls[0][0][0].workspace == "b"


def test_a_wrong_configuration_never_reaches_the_job(lode, config, job):
    calls = job("pipelines.run", "run")
    told = lode("run", config, "--set", "polcy.rows=3")
    assert told.code == 2
    expected = "Error: --set: polcy: unknown key; did you mean 'policy'?\n"
    assert (told.out, told.err, calls) == ("", expected, [])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LodeError("it failed"), 1),
        (ConfigError("it failed"), 2),
        (DataError("it failed"), 3),
        (GateRefused("it failed"), 4),
        (BudgetExceeded("it failed"), 5),
    ],
)
def test_every_error_has_its_exit_code(lode, config, job, error, code):
    def fail(*_, **__):
        raise error

    job("pipelines.run", "run", fail)
    told = lode("run", config, "--quiet")
    assert (told.code, told.out, told.err) == (code, "", "Error: it failed\n")


def test_an_error_is_an_object_too(lode, config, job):
    def fail(*_, **__):
        raise DataError("bad data", ["one", "two"])

    job("pipelines.run", "run", fail)
    told = lode("run", config, "--json")
    assert json.loads(told.out) == {
        "error": {
            "kind": "DataError",
            "message": "bad data",
            "exit_code": 3,
            "problems": ["one", "two"],
        }
    }
    assert told.err == "Error: bad data\n  - one\n  - two\n"


def test_ctrl_c_says_how_to_go_on(lode, config, job):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    job("pipelines.run", "run", interrupt)
    told = lode("run", config, "--json", "--quiet")
    assert told.code == 130
    assert "interrupted; run the same command again to resume" in told.err
    assert json.loads(told.out)["error"]["exit_code"] == 130


def test_the_time_limit_ends_even_work_that_catches_every_error(lode, config, job):
    def stubborn(*_, **__):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                time.sleep(5)
            except Exception:
                continue

    job("pipelines.run", "run", stubborn)
    told = lode("run", config, "--timeout", "1s", "--quiet")
    assert told.code == 5
    assert "the time limit of 1 s is over; run the same command again to resume" in told.err


@pytest.mark.parametrize("limit", ["soon", "5w", "-3"])
def test_a_time_limit_that_is_none_is_refused(lode, config, limit):
    told = lode("run", config, "--timeout", limit)
    assert told.code == 2
    assert "a span of time is needed, such as 90, '90s', '2m' or '1h'" in told.err


def test_a_time_limit_of_nothing_is_refused(lode, config, job):
    calls = job("pipelines.run", "run")
    told = lode("run", config, "--timeout", "0")
    assert (told.code, calls) == (2, [])
    assert "--timeout must be at least 1 second" in told.err


@pytest.mark.parametrize("size", ["much", "4 bananas", "0GB", "-3"])
def test_a_memory_limit_that_is_none_is_refused(lode, config, job, size):
    calls = job("pipelines.run", "run")
    told = lode("run", config, "--memory", size)
    assert (told.code, calls) == (2, [])
    assert "an amount of memory is needed, such as 500MB, 4GB or 4GiB" in told.err


@pytest.mark.parametrize(("size", "most"), [("4GB", 4 * 10**9), ("2GiB", 2 * 2**30), (None, None)])
def test_a_memory_limit_reaches_the_job_in_bytes(lode, config, job, size, most):
    calls = job("pipelines.run", "run")
    assert lode("run", config, *(["--memory", size] if size else [])).code == 0
    ((_, named),) = calls
    assert named["memory"] == most
