import numpy as np
import pytest

from features.generate.segments import SEGMENTS, STAGES, segment_tastes, stage_tastes
from features.generate.shelves import SHELVES


@pytest.mark.parametrize("groups", [SEGMENTS, STAGES])
def test_shares_are_a_whole(groups):
    assert sum(group.share for group in groups) == pytest.approx(1)
    assert len({group.name for group in groups}) == len(groups)


def test_tastes_multiply_department_and_category():
    column = {shelf.category: k for k, shelf in enumerate(SHELVES)}
    urban = segment_tastes()[[s.name for s in SEGMENTS].index("young urban")]
    assert urban[column["Snacks"]] == pytest.approx(3.0 * 0.6)
    assert urban[column["Running"]] == 10.0
    assert urban[column["Wine"]] == 1.0


def test_every_segment_and_stage_has_a_taste_of_its_own():
    assert segment_tastes().shape == (len(SEGMENTS), len(SHELVES))
    assert stage_tastes().shape == (len(STAGES), len(SHELVES))
    for tastes in (segment_tastes(), stage_tastes()):
        assert len(np.unique(tastes, axis=0)) == len(tastes)
        assert (tastes > 0).all()


def test_campaigns_work_as_strongly_as_planned_on_average():
    assert sum(s.share * s.uplift for s in SEGMENTS) == pytest.approx(1.0, abs=0.06)
