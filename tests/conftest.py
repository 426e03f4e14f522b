"""Fixtures that every test may use."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

# Wherever the tests are started from, they write into stores of their own.
os.environ.pop("MLFLOW_TRACKING_URI", None)
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# Folders whose tests share runs that take long to make: one worker does all of a folder and makes
# each of them once. The longest come first, and single files of the rest last, so that the workers
# end together.
SHARED = ("tests/pipelines/reliability", "tests/pipelines", "tests/pipelines/spark", "tests/app")


def shared_folder(file: str) -> str | None:
    """Give the folder that a file of tests shares its fixtures with, if it does."""
    folder = file.rpartition("/")[0]
    if folder.startswith("tests/app"):
        return "tests/app"
    return folder if folder.startswith("tests/pipelines") else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out whole folders of those that share fixtures, and else file by file."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFixtures(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return shared_folder(file) or file

    config.option.loadscopereorder = False
    return ByFixtures(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage while tests are collected, nor later among what was: all of it stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def pytest_sessionfinish():
    """Let the end of the process clear away everything as usual."""
    gc.unfreeze()


def pytest_collection_modifyitems(items):
    """Put what takes longest first, where the tests are shared out."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: rank(item.nodeid.partition("::")[0]))


def rank(file: str) -> int:
    """Give the place of a file of tests: the folders named, the others that share, the rest."""
    folder = shared_folder(file)
    if folder is None:
        return len(SHARED) + 1
    return SHARED.index(folder) if folder in SHARED else len(SHARED)


def real_data_folder() -> Path:
    """Give the folder of the real data sets."""
    return Path(os.environ.get("LODE_DATA", REPOSITORY.parent / "shared" / "data")).resolve()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Give the folder of the real data sets; skip, and say so, where it is missing."""
    folder = real_data_folder()
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is missing; set LODE_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """Give the root of the checkout."""
    return REPOSITORY


@pytest.fixture(autouse=True)
def own_tracking_store() -> Iterator[None]:
    """Leave the next test no tracking store: ``mlflow.set_tracking_uri`` also sets the variable."""
    yield
    if "mlflow" in sys.modules:
        sys.modules["mlflow"].set_tracking_uri(None)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
