from features.generate.patterns import OFFERED
from features.generate.segments import SEGMENTS, STAGES
from features.generate.shelves import BUNDLES, RANGES, SEQUENCES, SHELVES, VARIANTS

NOUNS = [noun for shelf in SHELVES for noun in shelf.nouns]
PLACES = {shelf.category for shelf in SHELVES} | {shelf.department for shelf in SHELVES}


def test_categories_and_nouns_are_unique():
    categories = [shelf.category for shelf in SHELVES]
    assert len(set(categories)) == len(categories)
    assert len(set(NOUNS)) == len(NOUNS)


def test_every_department_has_its_ranges():
    assert set(RANGES) == {shelf.department for shelf in SHELVES}
    assert all(len(set(words)) == len(words) for words in RANGES.values())


def test_a_shelf_has_names_for_its_part_of_the_largest_catalogue():
    largest = -(-3_000 // len(SHELVES))
    assert all(len(s.nouns) * len(RANGES[s.department]) * len(VARIANTS) >= largest for s in SHELVES)


def test_numbers_of_the_shelves_make_sense():
    for shelf in SHELVES:
        assert 0 < shelf.low < shelf.high
        assert 0.1 < shelf.margin < 0.7
        assert shelf.weight > 0
        assert shelf.staple >= 0
        assert 0 <= shelf.peak <= 12
        assert (shelf.strength > 1) == (shelf.peak > 0)


def test_names_need_no_quotes_in_a_csv():
    words = [*NOUNS, *PLACES, *(word for r in RANGES.values() for word in r)]
    assert not [word for word in words if set(word) & set(',"\n')]


def test_planted_nouns_are_on_the_shelves():
    planted = [*OFFERED, *(n for pair in BUNDLES for n in pair)]
    planted += [n for first, then, _ in SEQUENCES for n in (first, then)]
    assert set(planted) <= set(NOUNS)
    assert all(days > 0 for *_, days in SEQUENCES)


def test_tastes_name_departments_and_categories_that_exist():
    named = {name for group in (*SEGMENTS, *STAGES) for name in group.tastes}
    assert named <= PLACES
