"""Oracles that look at every possible itemset."""

import gzip
from collections import Counter
from itertools import combinations

import pytest

from models.association.baskets import Baskets


def all_counts(baskets):
    """Count every itemset that stands in a basket, the slow and sure way."""
    counts = Counter()
    for basket in baskets:
        items = sorted(set(basket))
        for size in range(1, len(items) + 1):
            counts.update(frozenset(part) for part in combinations(items, size))
    return counts


def rows_of(path):
    """Read one basket a line: item numbers with blanks between, markers -1 and -2 left out."""
    with gzip.open(path, "rt") as lines:
        return [[int(word) for word in line.split() if int(word) >= 0] for line in lines]


@pytest.fixture(scope="session")
def brute_force():
    """Give the function that counts every itemset."""
    return all_counts


@pytest.fixture(scope="session")
def groceries(real_data):
    """Give the baskets of the groceries file."""
    text = (real_data / "groceries.csv").read_text(encoding="utf-8")
    return Baskets.from_lists([line.split(",") for line in text.splitlines()])


@pytest.fixture(scope="session")
def retail(real_data):
    """Give the baskets of the retail file."""
    return Baskets.from_lists(rows_of(real_data / "retail.dat.gz"))


@pytest.fixture(scope="session")
def web_sessions(real_data):
    """Give the sessions of BMS-WebView-1."""
    return Baskets.from_lists(rows_of(real_data / "bms_webview_1.txt.gz"))
