"""What is kept, what is made again, and what is given up."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from models.recommend.shelf import Shelf, size_of


def test_what_is_kept_is_not_made_again():
    shelf, made = Shelf(most=1000), []

    def make():
        made.append(1)
        return np.zeros(10)

    first = shelf.get("key", make)
    assert shelf.get("key", make) is first
    assert len(made) == 1
    assert shelf.get("other", make) is not first


def test_the_least_lately_used_goes_first():
    shelf = Shelf(most=240)
    for key in ("a", "b", "c"):
        shelf.get(key, lambda: np.zeros(10))
    shelf.get("a", lambda: pytest.fail("a was given up"))
    shelf.get("d", lambda: np.zeros(10))
    assert shelf.used == 240
    shelf.get("a", lambda: pytest.fail("a was given up"))
    assert shelf.get("b", lambda: np.ones(10)).sum() == 10


def test_what_is_larger_than_the_shelf_is_given_and_not_kept():
    shelf = Shelf(most=79)
    assert shelf.get("key", lambda: np.zeros(10)).sum() == 0
    assert shelf.used == 0
    assert shelf.get("key", lambda: np.ones(10)).sum() == 10


def test_a_failure_is_not_kept():
    shelf = Shelf(most=1000)
    with pytest.raises(ZeroDivisionError):
        shelf.get("key", lambda: 1 / 0)
    assert shelf.get("key", lambda: 5) == 5


def test_a_cleared_shelf_is_empty():
    shelf = Shelf(most=1000)
    shelf.get("key", lambda: np.zeros(10))
    shelf.clear()
    assert shelf.used == 0
    assert shelf.get("key", lambda: np.ones(1)).tolist() == [1.0]


class Thing:
    def __init__(self):
        self.table = pd.DataFrame({"a": np.zeros(5)})
        self.parts = (np.zeros(2), {"m": sparse.csr_matrix(np.eye(4, dtype=np.float32))})
        self.name = "thing"


def test_sizes_are_those_of_all_arrays_in_a_thing():
    matrix = 4 * 4 + 4 * 4 + 5 * 4
    assert size_of(Thing()) == 5 * 8 + 2 * 8 + matrix
    assert size_of(None) == size_of("text") == 0
