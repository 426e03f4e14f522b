"""What only a process of its own can show."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import pipelines

ROOT = Path(pipelines.__file__).parents[1]  # a source tree or an installed wheel
LODE = [sys.executable, "-m", "pipelines.cli"]
HEAVY = ("pandas", "sklearn", "mlflow", "ibis", "lightgbm", "numpy", "pydantic", "duckdb")

JOB = """
import sys, types, time
from pipelines.cli import main
job = types.ModuleType("pipelines.run")
def run(config, *, progress, fresh, memory):
    progress.note("at work")
    {body}
job.run = run
settings = types.ModuleType("pipelines.config")
settings.load = lambda *given: None
sys.modules |= {{"pipelines.run": job, "pipelines.config": settings}}
sys.exit(main(["run", sys.argv[1], *sys.argv[2:]]))
"""


def start(body, *words):
    code = JOB.format(body=body)
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=pipe, stderr=pipe, text=True, cwd=ROOT
    )


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom pipelines.cli import main\ncode = main(['--help'])\n"
        f"print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0
    assert "Usage: lode" in done.stdout
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_job_resumable(config, number):
    job = start("time.sleep(60)", config, "--json")
    assert job.stderr.readline() == "at work\n"
    job.send_signal(number)
    out, err = job.communicate(timeout=30)
    assert job.returncode == 130
    assert err == "Error: interrupted; run the same command again to resume\n"
    assert json.loads(out)["error"]["exit_code"] == 130


def test_a_reader_who_goes_away_is_no_failure():
    command = subprocess.Popen([*LODE, "--version"], stdout=subprocess.PIPE, cwd=ROOT, stderr=-1)
    command.stdout.close()
    assert command.wait(timeout=30) == 0
    assert command.stderr.read() == b""


def test_progress_that_nobody_reads_does_not_stop_the_job(config, tmp_path):
    mark = tmp_path / "finished"
    job = start(
        f"time.sleep(0.2); progress.note('again'); open({str(mark)!r}, 'w')\n"
        "    return types.SimpleNamespace(text=lambda: 'all done', exit_code=0)",
        config,
    )
    job.stderr.close()
    assert job.stdout.read() == "all done\n"
    assert job.wait(timeout=30) == 0
    assert mark.exists()


def test_a_place_that_cannot_be_written_is_told_in_words(tmp_path):
    taken = tmp_path / "taken"
    taken.touch()
    words = ["generate", "--out", str(taken / "shop"), "--lines", "1000", "--quiet"]
    done = subprocess.run([*LODE, *words], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: {taken}: File exists\n"
