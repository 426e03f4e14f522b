"""Fixtures that every test may use."""

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
