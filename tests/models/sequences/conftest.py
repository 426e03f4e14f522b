"""Oracles that try every way to find a sequence in a customer's baskets."""

from functools import cache
from itertools import combinations, pairwise, product

import pytest


def windows_of(element, baskets, window):
    """Give (start, end) of every run of baskets that holds the element within the window."""
    times = [time for time, _ in baskets]
    found = []
    for start, end in product(times, times):
        held = {item for time, items in baskets if start <= time <= end for item in items}
        if 0 <= end - start <= window and set(element) <= held:
            found.append((start, end))
    return found


def occurrences(sequence, baskets, min_gap=0, max_gap=None, max_span=None, window=0):
    """Give every occurrence as the list of the windows of its elements."""
    partial = [[]]
    for element in sequence:
        spots = windows_of(element, baskets, window)
        partial = [[*before, spot] for before in partial for spot in spots]
        partial = [found for found in partial if is_allowed(found, min_gap, max_gap, max_span)]
    return partial


def is_allowed(found, min_gap, max_gap, max_span):
    if max_span is not None and found[-1][1] - found[0][0] > max_span:
        return False
    for (start, end), (next_start, next_end) in pairwise(found):
        if next_start <= end or next_start - end < min_gap:
            return False
        if max_gap is not None and next_end - start > max_gap:
            return False
    return True


def all_elements(items):
    return [part for size in range(1, len(items) + 1) for part in combinations(sorted(items), size)]


@cache
def all_sequences(items, max_length):
    """Give every sequence of up to so many items."""
    elements = all_elements(items)
    found, layer = [], [()]
    while layer:
        layer = [
            (*begun, element)
            for begun in layer
            for element in elements
            if sum(map(len, begun)) + len(element) <= max_length
        ]
        found += layer
    return found


def count_all(customers, min_count, max_length, max_elements=None, **limits):
    """Count every sequence, the slow and sure way; customers are lists of (time, items)."""
    items = tuple(
        sorted({item for baskets in customers for _, basket in baskets for item in basket})
    )
    counts = {}
    for sequence in all_sequences(items, max_length):
        if max_elements is not None and len(sequence) > max_elements:
            continue
        count = sum(bool(occurrences(sequence, baskets, **limits)) for baskets in customers)
        if count >= min_count:
            counts[sequence] = count
    return counts


def is_part(part, whole):
    """Tell whether the elements of one lie in different elements of the other, in order."""
    return any(
        all(set(few) <= set(many) for few, many in zip(part, chosen, strict=True))
        for chosen in combinations(whole, len(part))
    )


def unbeaten(counts, same_count):
    """Keep the sequences that are part of no other one (of the same count)."""
    return {
        sequence: count
        for sequence, count in counts.items()
        if not any(
            other != sequence and is_part(sequence, other) and (not same_count or n == count)
            for other, n in counts.items()
        )
    }


@pytest.fixture(scope="session")
def brute_force():
    """Give the function that counts every sequence."""
    return count_all


@pytest.fixture(scope="session")
def all_occurrences():
    """Give the function that finds every occurrence."""
    return occurrences


@pytest.fixture(scope="session")
def keep_unbeaten():
    """Give the function that keeps closed or maximal ones."""
    return unbeaten
