"""Records in one order: whatever is taken, the parts stay aligned."""

import numpy as np
import pandas as pd
import pytest

from pipelines.config.predict import Predict
from pipelines.predicting.records import Records, Sample, stacked
from pipelines.predicting.words import WORDS


def records(first, rows, loyal=True):
    place = np.arange(first, first + rows, dtype=float)
    return Records(
        ids=np.array([f"r{int(k)}" for k in place], dtype=object),
        table=pd.DataFrame({"a": place, "b": -place}),
        outcome=place % 2,
        weight=place + 1,
        cost=place * 2,
        revenue=place * 3,
        loyalty=place * 4 if loyal else None,
    )


def is_aligned(found):
    place = found.table["a"].to_numpy()
    assert found.ids.tolist() == [f"r{int(k)}" for k in place]
    assert (found.cost == place * 2).all()
    assert (found.revenue == place * 3).all()
    assert (found.weight == place + 1).all()
    assert (found.outcome == place % 2).all()
    if found.loyalty is not None:
        assert (found.loyalty == place * 4).all()


@pytest.mark.parametrize(
    "rows", [np.array([4, 0, 2]), np.array([True, False, True, False, True]), slice(1, 3)]
)
def test_what_is_taken_stays_aligned(rows):
    found = records(0, 5).take(rows)
    assert len(found) == len(found.table)
    is_aligned(found)


def test_records_behind_others():
    found = stacked(records(0, 3), records(10, 2))
    assert len(found) == 5
    assert found.table.index.tolist() == [0, 1, 2, 3, 4]
    is_aligned(found)
    assert stacked(records(0, 3), records(10, 2, loyal=False)).loyalty is None


def test_columns_are_kept_everywhere_in_their_order():
    sample = Sample(records(0, 3), records(3, 2), records(5, 1), np.array([-1]), ["a note"])
    found = sample.with_columns(["b", "a"], ["why"])
    assert all(list(part.table) == ["b", "a"] for part in (found.train, found.held, found.act))
    assert found.notes == ["a note", "why"]
    assert list(sample.train.table) == ["a", "b"]


def test_every_question_has_its_words():
    asked = Predict.model_fields["question"].annotation.__args__
    assert set(asked) == set(WORDS)
    assert all(word.title and word.what and word.act for word in WORDS.values())
