"""A cluster of one master and two workers on loopback; one of them dies in the middle."""

import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import pandas as pd
import pytest

import pipelines
from lodeworks.progress import Silent
from pipelines.config.sections import Engine
from pipelines.crosssell.scoring import Request, Scoring
from pipelines.spark import rows
from pipelines.spark.scoring import SparkScoring
from pipelines.spark.session import open_session

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(900)]

ROOT = Path(pipelines.__file__).parents[1]
PARTS = 12
LOOPBACK = "127.0.0.1"
SMALL = "-XX:TieredStopAtLevel=1"
OF_MASTER = ("--host", LOOPBACK, "--port", "0", "--webui-port", "0")
TRIES, LOOK = 12_000, 0.02


def until(found, process, log):
    """Look again and again, for some minutes at most; an `Event` that nobody sets is the clock."""
    clock = Event()
    for _ in range(TRIES):
        if (answer := found()) is not None:
            return answer
        assert process.poll() is None, log.read_text()
        clock.wait(LOOK)
    raise AssertionError(f"nothing came of it:\n{log.read_text()}")


@contextmanager
def java(folder, name, *words):
    """Run one of Spark's own programs; it ends, with all that it started, when the block does."""
    import pyspark

    home = Path(pyspark.__file__).parent
    (library,) = (home / "jars").glob("scala-library-*.jar")
    scala = ".".join(re.findall(r"\d+", library.name)[:2])
    own = {"SPARK_HOME": home, "SPARK_LOCAL_IP": LOOPBACK, "SPARK_SCALA_VERSION": scala}
    environment = os.environ | {key: str(value) for key, value in own.items()}
    log = folder / f"{name}.log"
    command = ["java", "-Xmx256m", SMALL, "-Dspark.master.rest.enabled=false"]
    command += ["-cp", str(home / "jars" / "*"), *words]
    with log.open("wb") as file:
        # A group of its own: what it starts can be ended with it.
        process = subprocess.Popen(
            command,
            env=environment | {"PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield SimpleNamespace(process=process, log=log)
    finally:
        end(process)


def end(process):
    """Kill a process and the group that it leads, as a machine dies that loses its power."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def told(program, pattern, times=1):
    """Wait until the log of a program says something so many times; give the last of them."""

    def look():
        found = re.findall(pattern, program.log.read_text(errors="replace"))
        return found[-1] if len(found) >= times else None

    return until(look, program.process, program.log)


@pytest.fixture(scope="module")
def cluster(needs_spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        master = stack.enter_context(
            java(folder, "master", "org.apache.spark.deploy.master.Master", *OF_MASTER)
        )
        address = told(master, rf"Starting Spark master at (spark://{LOOPBACK}:\d+)")
        of_worker = (*OF_MASTER, "--cores", "1", "--memory", "1g", "--work-dir", str(folder))
        workers = [
            stack.enter_context(
                java(folder, name, "org.apache.spark.deploy.worker.Worker", *of_worker, address)
            )
            for name in ("one", "two")
        ]
        told(master, "Registering worker", times=2)
        yield SimpleNamespace(address=address, workers=workers)


@pytest.fixture(scope="module")
def session(cluster, quick):
    more = {"spark.executor.memory": "512m", "spark.executor.extraJavaOptions": SMALL}
    with open_session(cluster.address, Silent(), quick | more) as opened:
        yield opened


@contextmanager
def one_dies(session, worker):
    """Kill a worker and its executor when the first part is scored; say how many there were."""
    over, seen = Event(), []

    def watch():
        tracker = session.sparkContext.statusTracker()
        while not over.wait(LOOK) and not seen:
            for stage in tracker.getActiveStageIds():
                info = tracker.getStageInfo(stage)
                if info is not None and info.numTasks == PARTS and info.numCompletedTasks:
                    end(worker.process)
                    seen.append(info.numCompletedTasks)
                    break

    thread = Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def listed(path):
    frame = pd.read_parquet(path).sort_values(["customer_id", "rank"], ignore_index=True)
    return frame.astype({name: "str" for name in frame if frame[name].dtype == object})


def test_a_worker_that_dies_in_the_middle_loses_nothing(
    cluster, session, retail, tmp_path, monkeypatch
):
    buyers = retail.warehouse.lines.customer_id.nunique().to_pandas()
    monkeypatch.setattr(rows, "PART", -(-int(buyers) // PARTS))
    before = dict(os.environ), Path.cwd(), signal.getsignal(signal.SIGINT)

    def request(out):
        data = {"invoices": [retail.path]}
        asked = {"opt_out": None, "suppress": (), "rows": None, "control": None, "seed": None}
        return Request(str(retail.bundle), data, retail.listed, tmp_path / out, **asked)

    own = Scoring(request("own.parquet"), tmp_path, Silent()).run()
    engine = Engine(kind="spark", master=cluster.address)
    with one_dies(session, cluster.workers[0]) as seen:
        found = SparkScoring(request("list.parquet"), tmp_path, Silent(), engine).run()
    assert cluster.workers[0].process.returncode == -signal.SIGKILL
    assert seen[0] < PARTS
    expected = listed(own.out)
    assert len(expected) > 3000
    pd.testing.assert_frame_equal(listed(found.out), expected, rtol=0, atol=1e-9)
    assert len(list(found.out.iterdir())) == PARTS
    assert (dict(os.environ), Path.cwd(), signal.getsignal(signal.SIGINT)) == before


def test_the_cluster_ran_this_python(cluster, session):
    """What was left of it: the other worker."""

    def tell(batches):
        import pyarrow as pa

        for _ in batches:
            yield pa.record_batch({"python": [sys.executable]})

    found = session.range(1).mapInArrow(tell, "python string").toArrow()["python"].to_pylist()
    assert set(found) == {sys.executable}
