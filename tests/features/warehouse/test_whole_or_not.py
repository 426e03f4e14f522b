"""A load that dies, at any step, leaves the former warehouse."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import features
from features.warehouse import Warehouse, loading, store
from lodeworks.errors import LodeError

ROOT = Path(features.__file__).parents[1]  # a source tree or an installed wheel
STEPS = [
    (loading, "wanted_content"),
    (loading, "create_books"),
    (loading, "_remove"),
    (loading, "_move"),
    (loading, "fit_tables"),
    (loading, "take_in"),
    (loading, "_refuse_poor"),
    (loading, "keep_out"),
    (loading, "derive"),
    (loading, "recount"),
    (loading, "write_loads"),
    (loading, "log"),
    (loading, "describe_columns"),
    (loading, "content_digest"),
    (loading, "write_facts"),
    (store, "carry_out"),
]
DIE = """
import os, signal, sys
from features.sources import CsvSource
from features.warehouse import Warehouse, loading, store
from lodeworks import files
path, source, module, name = sys.argv[1:]
module = {"loading": loading, "store": store, "files": files}[module]
step = getattr(module, name)
def dying(*given, **more):
    step(*given, **more)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, dying)
Warehouse.open(path).add([CsvSource.model_validate_json(source)])
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "store" / "warehouse.duckdb"


@pytest.fixture
def former(file, lines):
    with Warehouse.open(file) as warehouse:
        warehouse.add([lines("a.csv", "c1,tea,2011-05-04,2,1.5")])
        yield warehouse


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(("module", "name"), STEPS, ids=[name for _, name in STEPS])
def test_an_error_at_any_step(former, file, lines, monkeypatch, module, name):
    before, names, digest = file.read_bytes(), names_in(file.parent), former.digest
    step = getattr(module, name)

    def failing(*given, **more):
        step(*given, **more)
        raise LodeError("the power went off")

    monkeypatch.setattr(module, name, failing)
    with pytest.raises(LodeError, match="the power went off"):
        former.add([lines("b.csv", "c2,cup,2011-05-05,1,3")])
    assert file.read_bytes() == before
    assert names_in(file.parent) == names
    assert former.digest == digest
    assert former.lines.count().to_pandas() == 1


@pytest.mark.parametrize(
    ("module", "name"),
    [("loading", "take_in"), ("loading", "write_facts"), ("files", "_flush_to_disk")],
)
def test_a_process_that_is_killed(former, file, lines, module, name):
    before, names, digest = file.read_bytes(), names_in(file.parent), former.digest
    source = lines("b.csv", "c2,cup,2011-05-05,1,3")
    died = subprocess.run(
        [sys.executable, "-c", DIE, str(file), source.model_dump_json(by_alias=True), module, name],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert file.read_bytes() == before
    with Warehouse.open(file) as again:
        assert again.digest == digest
        again.add([source])
        assert again.lines.count().to_pandas() == 2
        assert names_in(file.parent) == names  # what the dead process left is gone


def test_readers_keep_what_they_opened_and_see_the_new_when_they_open(former, file, lines):
    with Warehouse.open(file) as reader, Warehouse.open(file) as writer:
        writer.add([lines("b.csv", "c2,cup,2011-05-05,1,3")])
        assert reader.lines.count().to_pandas() == 1
    with Warehouse.open(file) as later:
        assert later.lines.count().to_pandas() == 2


def test_a_load_builds_on_what_another_has_loaded_meanwhile(former, file, lines):
    with Warehouse.open(file) as other:
        other.add([lines("b.csv", "c2,cup,2011-05-05,1,3")])
    former.add([lines("c.csv", "c3,cup,2011-05-06,1,3")])
    assert former.lines.count().to_pandas() == 3


LOW = """
import sys
from features.sources import CsvSource
from features.warehouse import Warehouse
with Warehouse.open(sys.argv[1], memory_limit="60MB") as warehouse:
    report = warehouse.add([CsvSource.model_validate_json(sys.argv[2])])
    print(report.rows_loaded, report.rows_rejected)
"""


def test_a_file_larger_than_the_memory_allowed_is_loaded(file, lines):
    rows = (
        f"customer-{n % 9973},item-{n % 61:0100},2011-05-{n % 28 + 1:02},1,2"
        for n in range(600_000)
    )
    source = lines("big.csv", *rows, duplicates="reject")
    assert Path(source.path).stat().st_size > 70_000_000
    done = subprocess.run(
        [sys.executable, "-c", LOW, str(file), source.model_dump_json(by_alias=True)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.stdout.split() == ["600000", "0"], done.stderr
