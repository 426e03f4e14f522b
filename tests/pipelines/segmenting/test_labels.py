"""Indicators in words, and back again."""

import pandas as pd

from pipelines.segmenting.labels import LABELS, in_words, out_of_words


def test_there_and_back():
    frame = pd.DataFrame({"frequency": [1.0], "age": [2.0], "monetary": [3.0]})
    assert list(in_words(frame)) == ["orders", "age", "spend"]
    described = pd.DataFrame({"attribute": list(in_words(frame))})
    assert out_of_words(described)["attribute"].tolist() == list(frame)


def test_a_label_that_is_taken_is_not_used_twice():
    frame = pd.DataFrame({"frequency": [1.0], "orders": [2.0]})
    assert list(in_words(frame)) == ["frequency", "orders"]


def test_labels_differ():
    assert len(set(LABELS.values())) == len(LABELS)
