"""Settings of a session, and how its errors are told; without a Java machine."""

import os
import sys
from pathlib import Path

import pytest

from lodeworks.errors import LodeError
from pipelines.spark import session
from pipelines.spark.session import settings, spark_errors

OF_TASK = """An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "shipment.py", line 9, in unpack
    check_seal(folder)
lodeworks.errors.BundleError: x: the bundle is not as it was written

\tat org.apache.spark.api.python.BasePythonRunner.read(PythonRunner.scala:1)
"""
OF_JAVA = """Job aborted due to stage failure: Task 1 in stage 2.0 failed 4 times
\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2)
Caused by: java.io.IOException: No space left on device
\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)
"""


@pytest.mark.parametrize("master", ["local", "local[4]", "spark://127.0.0.1:7077"])
def test_what_runs_here_listens_here(master):
    stated = settings(master, Path("x"))
    assert stated["spark.driver.bindAddress"] == stated["spark.driver.host"] == "127.0.0.1"
    assert stated["spark.ui.enabled"] == "false"


@pytest.mark.parametrize("master", ["spark://cluster.example:7077", "yarn", "k8s://host:443"])
def test_of_a_cluster_spark_s_own_configuration_says_where(master):
    stated = settings(master, Path("x"))
    assert not {"spark.driver.bindAddress", "spark.driver.host"} & set(stated)
    assert stated["spark.sql.session.timeZone"] == "UTC"


def test_tasks_run_in_this_python_unless_another_is_named(monkeypatch):
    monkeypatch.delenv(session.PYTHON, raising=False)
    with session._this_python():
        assert os.environ[session.PYTHON] == sys.executable
    assert session.PYTHON not in os.environ
    monkeypatch.setenv(session.PYTHON, "python9")
    with session._this_python():
        assert os.environ[session.PYTHON] == "python9"
    assert os.environ[session.PYTHON] == "python9"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (OF_TASK, "Spark failed: x: the bundle is not as it was written"),
        (OF_JAVA, "Spark failed: No space left on device"),
        ("nothing known\nat all", "Spark failed: nothing known"),
    ],
)
def test_an_error_of_spark_is_one_line(said, told):
    errors = pytest.importorskip("pyspark.errors", reason="pyspark is missing")
    with pytest.raises(LodeError) as caught, spark_errors():
        raise errors.PySparkException(message=said)
    assert str(caught.value) == told


def test_other_errors_pass():
    pytest.importorskip("pyspark", reason="pyspark is missing")
    with pytest.raises(ZeroDivisionError), spark_errors():
        raise ZeroDivisionError
