"""The pieces of an effect: adjustment, shares, ratios, compliers, many looks, group sizes."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.effect import complier_effect, effect, ratio_effect, sample_ratio
from experiments.effect.breakdown import breakdown, effect_frame
from experiments.effect.cuped import adjusted
from experiments.effect.multiplicity import benjamini_hochberg, holm
from experiments.effect.proportions import newcombe, wilson
from experiments.effect.records import EffectRecord, record_frame
from experiments.effect.verdict import detectable_now, needed_customers, verdict
from experiments.effect.words import amount, difference_text, sentence, too_small


class TestAdjusted:
    def test_one_covariate_by_hand(self):
        # treated: x 1, 3 (mean 2), y 2, 6 (mean 4); controls: x 0, 2 (mean 1), y 1, 3 (mean 2)
        # theta = (1*2 + 1*2 + 1*1 + 1*1) / 4 = 1.5; overall mean of x = 1.5
        y, count = adjusted(
            np.array([2.0, 6.0, 1.0, 3.0]),
            np.array([True, True, False, False]),
            np.array([[1.0], [3.0], [0.0], [2.0]]),
        )
        assert y == pytest.approx([2 + 0.75, 6 - 2.25, 1 + 2.25, 3 - 0.75])
        assert count == 1

    def test_constant_and_repeated_columns_do_no_harm(self):
        rng = np.random.default_rng(0)
        x = rng.normal(size=(100, 1))
        y, treated = x[:, 0] + rng.normal(size=100), np.arange(100) < 50
        once, _ = adjusted(y, treated, x)
        many, rank = adjusted(y, treated, np.column_stack([x, x, np.ones(100), 3 * x + 7]))
        assert many == pytest.approx(once)
        assert rank == 1
        same, none = adjusted(y, treated, np.ones((100, 2)))
        assert none == 0
        np.testing.assert_array_equal(same, y)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (3, 40), (1, 1)])
def test_wilson_agrees_with_scipy(hits, n):
    told = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert wilson(hits, n, 0.95) == pytest.approx((told.low, told.high), abs=1e-12)


def test_newcombe_holds_for_no_hits_at_all():
    low, high = newcombe(0, 100, 0, 20, 0.95)
    assert -0.17 < low < 0 < high < 0.04


class TestRatio:
    def test_by_hand(self):
        # treated 10/2, 2/2: R = 12/4 = 3, residuals 4, -4 -> sd sqrt(32), mean of orders 2
        # controls 3/1, 1/1: R = 2, residuals 1, -1 -> sd sqrt(2), mean of orders 1
        found = ratio_effect([10, 2, 3, 1], [2, 2, 1, 1], [1, 1, 0, 0])
        assert found.difference == 1.0
        assert found.se == pytest.approx(math.sqrt(32 / 4 / 2 + 2 / 1 / 2))

    def test_nobody_ordered(self):
        found = ratio_effect([0, 0, 3, 1], [0, 0, 1, 1], [1, 1, 0, 0])
        assert math.isnan(found.difference)
        assert math.isnan(found.low)


class TestCompliers:
    def test_full_compliance_is_the_effect_as_drawn(self):
        rng = np.random.default_rng(1)
        treated = np.arange(400) < 250
        y = rng.normal(size=400) + treated
        found, drawn = complier_effect(y, treated, treated), effect(y, treated)
        assert found.difference == pytest.approx(drawn.difference)
        assert found.se == pytest.approx(drawn.se)

    def test_by_hand(self):
        # 3 of 4 targets and 1 of 4 controls reached: gap 0.5; means 2.0 and 1.5: gap 0.5
        treated = np.repeat([True, False], 40)
        contacted = np.concatenate([np.arange(40) % 4 < 3, np.arange(40) % 4 < 1])
        y = np.concatenate([np.tile([3.0, 2.0, 2.0, 1.0], 10), np.tile([2.0, 2.0, 1.0, 1.0], 10)])
        assert complier_effect(y, treated, contacted).difference == pytest.approx(1.0)

    def test_it_is_none_when_being_drawn_changed_nothing(self):
        treated = np.arange(100) < 50
        contacted = np.arange(100) % 2 == 0
        assert complier_effect(np.arange(100.0), treated, contacted) is None
        assert complier_effect(np.arange(100.0), treated, ~treated) is None


def test_holm_by_hand():
    # 0.005 * 4, max(0.01 * 3), max(0.03 * 2), 0.04 -> at least the one before
    assert holm([0.03, 0.005, 0.04, 0.01]) == pytest.approx([0.06, 0.02, 0.06, 0.03])


def test_benjamini_hochberg_by_hand():
    # 0.005 * 4 / 1, 0.01 * 4 / 2, 0.03 * 4 / 3, 0.04 * 4 / 4, then never above the next
    assert benjamini_hochberg([0.03, 0.005, 0.04, 0.01]) == pytest.approx([0.04, 0.02, 0.04, 0.02])


@pytest.mark.parametrize(("adjust", "method"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_many_looks_agree_with_statsmodels(adjust, method):
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(0).beta(0.5, 2.0, 40).round(3)
    assert adjust(p) == pytest.approx(multipletests(p, method=method)[1])


def test_a_look_without_a_test_does_not_count():
    found = holm([0.02, math.nan, 0.5])
    assert found[0] == pytest.approx(0.04)
    assert math.isnan(found[1])


class TestSampleRatio:
    def test_it_is_the_exact_binomial_test(self):
        found = sample_ratio(880, 120, 0.1)
        assert found.p == pytest.approx(stats.binomtest(120, 1000, 0.1).pvalue)
        assert found.share == 0.12

    def test_a_fair_draw_raises_a_false_alarm_seldom(self):
        counts = np.random.default_rng(0).binomial(2000, 0.1, 2000)
        alarms = sum(sample_ratio(2000 - int(k), int(k), 0.1).mismatch for k in counts)
        assert alarms <= 2000 * 0.001 + 3 * math.sqrt(2)

    def test_a_lost_tenth_of_the_controls_is_found(self):
        assert sample_ratio(18_000, 1_740, 0.1).mismatch

    def test_nobody_is_refused(self):
        with pytest.raises(ValueError, match="nobody"):
            sample_ratio(0, 0, 0.1)


class TestVerdict:
    def test_a_clear_gain_and_a_clear_loss(self):
        y = np.concatenate([np.full(50, 2.0), np.full(50, 1.0)]) + np.tile([0, 0.1], 50)
        treated = np.arange(100) < 50
        assert verdict(effect(y, treated)).kind == "more"
        assert verdict(effect(y, ~treated)).kind == "less"

    def test_the_corrected_p_decides(self):
        y = np.concatenate([np.full(50, 2.0), np.full(50, 1.0)]) + np.tile([0, 0.1], 50)
        found = effect(y, np.arange(100) < 50)
        assert verdict(found, 0.2).kind == "too small to tell"

    def test_fewer_than_ten_are_never_enough(self):
        y = np.array([5.0, 5.1, 5.2, 1.0, 1.1, 1.2])
        found = effect(y, np.arange(6) < 3)
        assert found.p < 0.001
        assert verdict(found).kind == "too small to tell"

    def test_the_size_that_would_do_has_the_power_it_promises(self):
        rng = np.random.default_rng(0)
        first = effect(rng.normal(0, 1, 400) + np.repeat([0.1, 0.0], 200), np.arange(400) < 200)
        needed = needed_customers(first, 0.25)
        found = []
        for _ in range(600):
            treated = np.arange(needed) < needed // 2
            found.append(effect(rng.normal(0, 1, needed) + 0.25 * treated, treated).p < 0.05)
        assert np.mean(found) == pytest.approx(0.8, abs=0.06)

    def test_the_detectable_difference_is_that_of_the_power_formula(self):
        from experiments.effect.power import Outcome, detectable

        y = np.tile([0.0, 2.0], 100)
        found = effect(y, np.arange(200) < 150)
        sd = float(found.se / math.sqrt(1 / 150 + 1 / 50))
        assert detectable_now(found) == pytest.approx(
            detectable(Outcome(sd=sd), 200, control=0.25), rel=1e-6
        )

    def test_no_difference_needs_no_size(self):
        assert needed_customers(effect(np.zeros(40), np.arange(40) < 20)) is None


class TestBreakdown:
    def frame(self):
        rng = np.random.default_rng(0)
        part = pd.Series(np.repeat(["a", "b", "c", "d"], 200))
        treated = pd.Series(np.tile([True, False], 400))
        outcome = pd.Series(rng.normal(size=800)) + 2.0 * ((part == "b") & treated)
        return outcome, treated, part

    def test_only_the_part_with_an_effect_differs(self):
        table = breakdown(*self.frame(), name="part").set_index("part")
        assert table["verdict"].to_dict() == {
            "a": "too small to tell",
            "b": "more",
            "c": "too small to tell",
            "d": "too small to tell",
        }
        assert table.loc["b", "low"] < 2.0 < table.loc["b", "high"]
        assert table.loc["b", "p_holm"] == pytest.approx(4 * table.loc["b", "p"])

    def test_each_part_is_measured_as_if_alone(self):
        outcome, treated, part = self.frame()
        table = breakdown(outcome, treated, part, name="part").set_index("part")
        alone = effect(outcome[part == "c"].to_numpy(), treated[part == "c"].to_numpy())
        assert table.loc["c", "difference"] == alone.difference
        assert table.loc["c", "total_high"] == alone.total_high

    def test_among_many_parts_without_an_effect_hardly_one_is_found(self):
        wrong = 0
        for seed in range(40):
            rng = np.random.default_rng(seed)
            part = pd.Series(np.repeat(np.arange(20), 60))
            treated = pd.Series(rng.random(1200) < 0.5)
            table = breakdown(pd.Series(rng.normal(size=1200)), treated, part, name="part")
            wrong += bool((table["verdict"] != "too small to tell").any())
        assert wrong / 40 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 40)

    def test_no_parts_make_an_empty_frame(self):
        assert effect_frame({}, "part").empty


class TestWords:
    @pytest.mark.parametrize(
        ("value", "kind", "text"),
        [(0.0523, "share", "5.2%"), (0.0123, "money", "0.0123 GBP"), (1234.5, "units", "1.23e+03")],
    )
    def test_amounts(self, value, kind, text):
        assert amount(value, kind, "GBP") == text

    def test_an_unknown_value_is_said_so(self):
        assert difference_text(math.nan, "share") == "unknown"
        assert difference_text(math.nan, "units") == "unknown"

    def test_a_small_sample_says_what_size_would_do(self):
        y = np.concatenate([np.tile([0.0, 1.0], 20) + 0.2, np.tile([0.0, 1.0], 20)])
        found = effect(y, np.arange(80) < 40)
        judged = verdict(found)
        told = sentence(found, judged, "pieces", "units")
        assert "too small to tell; groups like these show a difference of" in told
        assert f"about {judged.needed:,} customers would do" in told
        # (2.8016 * se / 0.2)^2 * 80
        assert judged.needed == math.ceil((2.801585 * found.se / 0.2) ** 2 * 80)

    def test_nothing_known_is_told_shortly(self):
        judged = verdict(effect([1.0, 2.0], [True, False]))
        assert too_small(judged, "units") == "too small to tell"


def test_records_survive_a_frame_with_no_row():
    frame = record_frame([])
    assert list(frame.columns)[:3] == ["effect_id", "subject", "pattern_id"]
    assert str(frame["needed_customers"].dtype) == "Int64"
    assert set(frame) == set(EffectRecord.__dataclass_fields__)
