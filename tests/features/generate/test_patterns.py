import numpy as np
import pytest

from features.generate.catalogue import make_catalogue
from features.generate.patterns import choose_patterns


def everything(patterns):
    pairs = [*patterns.bundles, *patterns.sequences]
    return [*patterns.offers, *(p.first for p in pairs), *(p.then for p in pairs)]


@pytest.mark.parametrize("items", [200, 775, 3_000])
def test_no_item_plays_two_parts(items):
    chosen = everything(choose_patterns(make_catalogue(items, 0), 12))
    assert len(set(chosen)) == len(chosen)
    assert 0 <= min(chosen) <= max(chosen) < items


def test_twenty_years_of_campaigns_find_items_even_in_the_smallest_catalogue():
    patterns = choose_patterns(make_catalogue(200, 0), 122)
    assert len(patterns.offers) == 122
    assert len(set(everything(patterns))) == len(everything(patterns))


def test_there_are_more_patterns_in_a_larger_catalogue():
    small, large = (choose_patterns(make_catalogue(n, 0), 1) for n in (200, 3_000))
    assert (len(small.bundles), len(small.sequences)) == (8, 5)
    assert (len(large.bundles), len(large.sequences)) == (75, 30)


def test_patterns_make_sense_to_a_person():
    catalogue = make_catalogue(3_000, 0)
    patterns = choose_patterns(catalogue, 0)
    bundle, sequence = patterns.bundles[0], patterns.sequences[1]
    assert "Spaghetti" in catalogue.names[bundle.first]
    assert "Tomato Sauce" in catalogue.names[bundle.then]
    assert "Inkjet Printer" in catalogue.names[sequence.first]
    assert "Colour Ink" in catalogue.names[sequence.then]
    assert sequence.days == 28


def test_beginnings_are_the_first_items_of_all_patterns(patterns):
    assert len(patterns.beginnings) == len(patterns.bundles) + len(patterns.sequences)
    assert patterns.bundles[0].first in patterns.beginnings
    assert patterns.sequences[-1].first in patterns.beginnings
    assert patterns.bundles[0].then not in patterns.beginnings


def test_the_truth_names_items_and_counts(patterns, catalogue):
    counts = np.arange(len(patterns.bundles))
    truth = patterns.bundle_truth(catalogue, counts)
    assert [row["planted"] for row in truth] == counts.tolist()
    assert truth[1]["first"] == catalogue.ids[patterns.bundles[1].first]
    assert truth[1]["then_name"] == catalogue.names[patterns.bundles[1].then]
    later = patterns.sequence_truth(catalogue, np.zeros(len(patterns.sequences), dtype=int))
    assert {"first", "then", "days", "probability", "planted"} <= set(later[0])
