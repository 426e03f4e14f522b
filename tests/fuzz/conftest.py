"""How many inputs are tried, and how inputs are made from good ones.

The suite tries `FEW` inputs of each kind, always the same. ``LODE_FUZZ_INPUTS=10000`` tries as
many, new ones each time.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FEW = 200
INPUTS = int(os.environ.get("LODE_FUZZ_INPUTS", FEW))


class Fuzz:
    """Settings and strategies that all files of this folder share."""

    settings = settings(
        max_examples=INPUTS,
        deadline=None,
        derandomize=INPUTS == FEW,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    @staticmethod
    def spoilt(words):
        """Give a strategy of changes: what is done to the bytes of a good file."""
        piece = st.binary(max_size=6) | st.sampled_from(words)
        place = st.floats(0.0, 1.0, exclude_max=True)
        return st.lists(st.tuples(place, st.integers(0, 40), piece), min_size=1, max_size=6)

    @staticmethod
    def spoil(good, changes):
        """Put pieces in the place of parts of a good file."""
        bad = good
        for place, length, piece in changes:
            at = int(place * (len(bad) + 1))
            bad = bad[:at] + piece + bad[at + length :]
        return bad


@pytest.fixture(scope="session", autouse=True)
def _profile():
    """Nothing of this folder reads a configuration of Hypothesis."""
    settings.load_profile("default")
