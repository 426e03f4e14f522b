"""Drafts of findings: only what is sure, with its figures."""

import pandas as pd
import pytest

from pipelines.config.uplift import UpliftQuestion, UpliftTrial
from pipelines.uplifting.records import segment_drafts

SEGMENTS = pd.DataFrame(
    {
        "segment": ["age up to 40", "age above 40", "sex is man"],
        "customers": [100, 200, 50],
        "share_of_customers": [0.3, 0.5, 0.2],
        "treated": [50.0, 90.0, 20.0],
        "control": [40.0, 110.0, 30.0],
        "treated_mean": [0.4, 0.2, 0.1],
        "control_mean": [0.2, 0.2, 0.3],
        "effect": [0.2, 0.0, -0.2],
        "low": [0.1, -0.1, -0.3],
        "high": [0.3, 0.1, -0.1],
        "verdict": ["persuadable", "not sure", "put off"],
    }
)


@pytest.fixture
def config():
    data = UpliftTrial(
        table="own:a", treatment="arm", treated="mail", control="none", outcome="bought"
    )
    return UpliftQuestion.model_construct(
        name="uplift", data=data, evaluation=UpliftQuestion.model_fields["evaluation"].default
    )


def test_only_what_is_sure_becomes_a_finding(config):
    drafts = segment_drafts(SEGMENTS, config)
    assert [draft.pattern["subject"] for draft in drafts] == ["age up to 40", "sex is man"]
    assert [draft.evidence.value for draft in drafts] == [0.2, -0.2]
    assert [draft.evidence.n for draft in drafts] == [90, 50]
    first = drafts[0]
    assert (first.kind, first.evidence.value_low, first.evidence.value_high) == ("effect", 0.1, 0.3)
    assert "mail changes bought by +0.2 (+0.1 - +0.3)" in first.words.values["en"]
    assert first.words.values["zh"]


def test_the_same_segment_is_the_same_pattern_whatever_the_figures(config):
    moved = SEGMENTS.assign(effect=SEGMENTS["effect"] + 0.01)
    before, after = (segment_drafts(one, config) for one in (SEGMENTS, moved))
    assert [one.pattern for one in before] == [one.pattern for one in after]


def test_nothing_sure_is_no_finding(config):
    assert segment_drafts(SEGMENTS.assign(verdict="not sure"), config) == []
