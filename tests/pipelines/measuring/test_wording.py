"""What is said of the past, and of a list that no tracked run made."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines.measuring.job import _past_sentence
from pipelines.measuring.logbook import log_measurement


@pytest.mark.parametrize(
    ("profit", "best", "text"),
    [
        (0.31, 0.5, "the past took 31% off the variance of profit (at most 50% of any outcome)"),
        (-0.04, -0.02, "the past says nothing of profit: it made the intervals no shorter"),
        (
            *(0.004, 0.2),
            "the past says nothing of profit: it made the intervals no shorter"
            " (at most 20% of any outcome)",
        ),
    ],
)
def test_a_past_that_foretells_nothing_took_nothing_off(profit, best, text):
    overall = {
        "profit": SimpleNamespace(variance_reduction=profit),
        "units": SimpleNamespace(variance_reduction=best),
    }
    assert _past_sentence(SimpleNamespace(overall=overall)) == text


@pytest.mark.parametrize(
    ("manifest", "note"),
    [
        ({"command": "score"}, "not logged: a list of `lode score` belongs to no tracked run"),
        ({}, None),
    ],
)
def test_a_list_without_a_run_says_that_nothing_is_logged(manifest, note, tmp_path):
    told = log_measurement(SimpleNamespace(manifest=manifest), tmp_path, {}, Path("nowhere"))
    assert (told or "").startswith(note or "")
    assert (told is None) == (note is None)
    assert list(tmp_path.iterdir()) == []
