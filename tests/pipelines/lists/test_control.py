"""The control group is random, stable for a customer, and of the stated size."""

import pandas as pd
import pytest

from pipelines.lists import control_group

IDS = pd.Index([f"c{number}" for number in range(20_000)])


def test_the_share_is_met():
    drawn = control_group(IDS, share=0.1, experiment="spring")
    assert drawn.mean() == pytest.approx(0.1, abs=0.01)


def test_a_customer_keeps_the_group_in_another_list():
    whole = pd.Series(control_group(IDS, share=0.3, experiment="spring"), index=IDS)
    part = IDS[::-1][:500]
    assert control_group(part, share=0.3, experiment="spring").tolist() == whole[part].tolist()


def test_a_larger_share_keeps_the_controls_of_a_smaller_one():
    small = control_group(IDS, share=0.1, experiment="spring")
    large = control_group(IDS, share=0.2, experiment="spring")
    assert large[small].all()


def test_another_experiment_draws_another_group():
    spring = control_group(IDS, share=0.5, experiment="spring")
    autumn = control_group(IDS, share=0.5, experiment="autumn")
    assert (spring == autumn).mean() == pytest.approx(0.5, abs=0.02)


def test_the_draw_is_the_same_on_every_machine():
    drawn = control_group(pd.Index(["ann", "bob", "eve", "jo", "max"]), share=0.5, experiment="x")
    assert (
        drawn.tolist()
        == control_group(
            pd.Index(["ann", "bob", "eve", "jo", "max"]), share=0.5, experiment="x"
        ).tolist()
    )
    assert 0 < drawn.sum() < 5


def test_a_share_above_one_is_refused():
    with pytest.raises(ValueError, match=r"between 0 and 1, but got 1\.5"):
        control_group(IDS, share=1.5, experiment="spring")
