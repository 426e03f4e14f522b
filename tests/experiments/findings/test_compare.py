"""Words about change, each with a test behind it."""

import math

import numpy as np
import pytest
from scipy import stats

from experiments.findings import Evidence, Observation, Words
from experiments.findings.compare import CHANGES, compare, counted, figure_of


def seen(found=True, **evidence):
    return Observation(
        finding_id="F",
        run_id="r",
        recorded_at="2026-01-01",
        found=found,
        words=Words("plain"),
        evidence=Evidence(**{"n": 1000, **evidence}),
    )


def lifted(lift, far=0.1, **known):
    return seen(lift=lift, lift_low=lift * math.exp(-far), lift_high=lift * math.exp(far), **known)


def one(before, after):
    (change,) = compare({"F1": before} if before else {}, {"F1": after} if after else {})
    return change


@pytest.mark.parametrize(
    ("before", "after", "change", "sure"),
    [
        (lifted(2.0), lifted(3.0), "stronger", True),
        (lifted(3.0), lifted(2.0), "weaker", True),
        (lifted(0.5), lifted(0.3), "stronger", True),
        (lifted(0.3), lifted(0.5), "weaker", True),
        (lifted(2.0), lifted(0.5), "contradicted", True),
        (lifted(0.5), lifted(2.0), "contradicted", True),
        (lifted(2.0), lifted(2.1), "unchanged", False),
        (lifted(1.01, far=0.5), lifted(0.99, far=0.5), "unchanged", False),
        (lifted(2.0), None, "gone", False),
        (lifted(3.0), lifted(1.2, found=False), "gone", True),
        (lifted(2.0), lifted(2.0, found=False), "gone", False),
        (lifted(3.0), lifted(0.4, found=False), "contradicted", True),
        (None, lifted(2.0, p_adjusted=0.01), "new", True),
        (None, lifted(2.0, p_adjusted=0.2), "new", False),
        (None, lifted(2.0), "new", False),
        (lifted(2.0, found=False), lifted(2.0, p_adjusted=0.01), "new", True),
        (seen(confidence=0.1), seen(confidence=0.3), "stronger", True),
        (seen(confidence=0.3), seen(confidence=0.1), "weaker", True),
        (seen(confidence=0.3, support=0.003), seen(confidence=0.1, support=0.001),
         "unchanged", False),
        (seen(value=5, value_low=4, value_high=6), seen(value=-5, value_low=-6, value_high=-4),
         "contradicted", True),
        (seen(value=5, value_low=-9, value_high=19), seen(value=-5, value_low=-19, value_high=9),
         "unchanged", False),
        (seen(value=0.3), seen(value=0.9), "unchanged", False),
        (seen(value=0.05, value_low=0.03, value_high=0.07, unit="share"),
         seen(value=-0.05, value_low=-0.07, value_high=-0.03, unit="share"), "contradicted", True),
        (seen(lift=2.0, lift_low=1.9, lift_high=2.1), seen(value=1.0), "unchanged", False),
    ],
)  # fmt: skip
def test_the_word_follows_from_the_test(before, after, change, sure):
    found = one(before, after)
    assert (found.change, found.sure) == (change, sure)
    if found.sure:
        assert found.p_adjusted <= 0.05


def test_what_neither_run_found_is_left_out():
    assert compare({"F1": lifted(2.0, found=False)}, {"F1": lifted(9.0, found=False)}) == []


def test_the_test_of_two_lifts_is_that_of_their_logarithms():
    found = one(lifted(2.0, far=0.2), lifted(2.6, far=0.3))
    se = math.hypot(0.2, 0.3) / stats.norm.ppf(0.975)
    assert found.p == pytest.approx(2 * stats.norm.sf(math.log(2.6 / 2.0) / se))
    assert (found.figure, found.before, found.after) == ("lift", 2.0, 2.6)


def test_the_error_of_a_lift_from_counts_is_that_of_the_bootstrap():
    n, xy, x_only, y_only = 2000, 120, 180, 300
    lift = (xy / (xy + x_only)) / ((xy + y_only) / n)
    evidence = Evidence(n=n, support=xy / n, confidence=xy / (xy + x_only), lift=lift)
    shares = np.array([xy, x_only, y_only, n - xy - x_only - y_only]) / n
    drawn = np.random.default_rng(0).multinomial(n, shares, size=20_000)
    logs = np.log(drawn[:, 0] * n / (drawn[:, 0] + drawn[:, 1]) / (drawn[:, 0] + drawn[:, 2]))
    assert figure_of(evidence).se == pytest.approx(logs.std(), rel=0.03)


def test_the_p_of_two_shares_is_about_that_of_the_exact_test():
    found = one(seen(n=400, confidence=0.25), seen(n=400, confidence=0.32))
    exact = stats.fisher_exact([[100, 300], [128, 272]]).pvalue
    assert found.p == pytest.approx(exact, rel=0.2)


def test_many_looks_are_corrected_after_holm():
    alone = one(lifted(2.0), lifted(2.45))
    before = {f"F{number:02d}": lifted(2.0) for number in range(20)}
    after = before | {"F00": lifted(2.45)}
    among = next(change for change in compare(before, after) if change.finding_id == "F00")
    assert (alone.change, among.change) == ("stronger", "unchanged")
    assert among.p == alone.p
    assert among.p_adjusted == pytest.approx(20 * alone.p)


def test_of_unchanged_patterns_few_are_said_to_have_changed():
    rng = np.random.default_rng(1)

    def drawn():
        logs = rng.normal(math.log(2), 0.1 / 1.96, 200)
        return {f"F{n:03d}": lifted(math.exp(log)) for n, log in enumerate(logs)}

    wrong = [counted(compare(drawn(), drawn()))["unchanged"] < 200 for _ in range(40)]
    assert sum(wrong) <= 6  # one in twenty is allowed


def test_the_gravest_changes_come_first_and_all_are_counted():
    before = {"a": lifted(2.0), "b": lifted(2.0), "c": lifted(2.0), "d": lifted(2.0)}
    after = {"a": lifted(2.0), "b": lifted(3.0), "c": lifted(0.4), "e": lifted(2.0)}
    changes = compare(before, after)
    assert [change.change for change in changes] == [
        *("contradicted", "gone", "new", "stronger", "unchanged")
    ]
    assert sum(counted(changes).values()) == 5
    assert set(counted(changes)) == set(CHANGES)


def test_a_pattern_without_figures_is_compared_by_its_presence_alone():
    assert figure_of(Evidence(n=5)) is None
    assert one(seen(), seen()).change == "unchanged"
