"""The forms in which patterns are given."""

import numpy as np

from models.sequences import frequent_sequences

BOUGHT = [[["tea", "cup"], ["pot"]], [["tea", "cup"], ["pot"]], [["pot"]]]


def test_frame_has_support_and_tuples():
    frame = frequent_sequences(BOUGHT, min_count=2).to_frame()
    rows = dict(zip(frame["sequence"], frame["support"], strict=True))
    assert rows[(("cup", "tea"), ("pot",))] == 2 / 3
    assert rows[(("pot",),)] == 1
    assert len(rows) == len(frame) == 7


def test_arrow_equals_the_frame():
    found = frequent_sequences(BOUGHT, min_count=2)
    arrow, frame = found.to_arrow(), found.to_frame()
    as_tuples = [tuple(map(tuple, row)) for row in arrow["sequence"].to_pylist()]
    assert as_tuples == frame["sequence"].tolist()
    assert arrow["support"].to_pylist() == frame["support"].tolist()
    assert arrow["count"].to_pylist() == found.counts.tolist()


def test_lengths_and_elements():
    found = frequent_sequences(BOUGHT, min_count=2)
    assert found.lengths.tolist() == [sum(map(len, s)) for s in found.sequences()]
    assert found.elements.tolist() == [len(s) for s in found.sequences()]


def test_take_keeps_the_order_asked_for():
    found = frequent_sequences(BOUGHT, min_count=2)
    some = found.take(np.array([5, 0, 3]))
    every = found.sequences()
    assert some.sequences() == [every[5], every[0], every[3]]
    assert some.counts.tolist() == found.counts[[5, 0, 3]].tolist()
    assert len(found.take(np.array([], np.int64))) == 0


def test_codes_stand_for_labels():
    found = frequent_sequences(BOUGHT, min_count=2)
    named = [
        tuple(tuple(found.labels[code] for code in element) for element in sequence)
        for sequence in found.codes()
    ]
    assert named == found.sequences()
