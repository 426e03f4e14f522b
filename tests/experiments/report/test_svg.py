import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.report.svg import Bar, Line, bar_chart, interval_chart, line_chart, ticks


def drawn(lines, **more):
    picture = line_chart(
        "slug",
        "a title",
        "a description",
        lines,
        x_label="across",
        y_label="upward",
        x_text=str,
        y_text=str,
        **more,
    )
    return ElementTree.fromstring(picture)


def line(x, y, **more):
    return Line("name", np.array(x, dtype=float), np.array(y, dtype=float), **more)


def points(picture):
    return [
        [tuple(map(float, pair.split(","))) for pair in each.get("points").split()]
        for each in picture.iter("polyline")
    ]


def test_larger_values_lie_further_right_and_higher():
    (first, second, third) = points(drawn([line([0, 1, 3], [2, 5, 9])]))[0]
    assert first[0] < second[0] < third[0]
    assert first[1] > second[1] > third[1]
    assert (second[0] - first[0]) * 2 == pytest.approx(third[0] - second[0], abs=0.2)


def test_values_lie_at_their_ticks():
    picture = drawn([line([0, 10], [0, 0.4])])
    placed = {text.text: text for text in picture.iter("text")}
    (_, end) = points(picture)[0]
    assert float(placed["10.0"].get("x")) == pytest.approx(end[0], abs=0.1)
    assert float(placed["0.4"].get("y")) - 4 == pytest.approx(end[1], abs=0.1)


def test_what_is_not_finite_is_left_out():
    (only,) = points(drawn([line([0, 1, 2], [1, np.nan, np.inf])]))
    assert len(only) == 1


@pytest.mark.parametrize(
    "y", [[], [np.nan], [5], [0, 0], [1e-9, 2e-9], [1e9, 1e9 + 1e-6], [-3e12, 4e12]]
)
def test_hard_values_still_give_a_picture(y):
    picture = drawn([line(range(len(y)), y)])
    numbers = [float(v) for p in points(picture) for pair in p for v in pair]
    assert all(0 <= number <= 560 for number in numbers)


def test_the_picture_is_named_for_screen_readers():
    picture = drawn([line([0, 1], [0, 1])])
    assert picture.get("role") == "img"
    named = {part.get("id"): part.text for part in picture if part.get("id")}
    assert named == {"slug-title": "a title", "slug-desc": "a description"}
    assert picture.get("aria-labelledby").split() == list(named)


def test_the_mark_stands_where_it_says():
    picture = drawn([line([0, 100], [0, 1])], mark=50.0, mark_text="here")
    (mark,) = (part for part in picture.iter("line") if part.get("class") == "mark")
    (start, end) = points(picture)[0]
    assert float(mark.get("x1")) == pytest.approx((start[0] + end[0]) / 2, abs=0.1)
    assert "here" in [text.text for text in picture.iter("text")]


def test_dots_are_drawn_on_the_points():
    picture = drawn([line([0, 1], [0, 1], dots=True)])
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in picture.iter("circle")]
    assert dots == points(picture)[0]


def test_markup_in_names_is_text():
    hostile = "<script>\"&'</script>"
    for picture in (
        bar_chart("s", hostile, hostile, [Bar(hostile, 1.0)], str),
        interval_chart("s", hostile, hostile, [Bar(hostile, 1.0, 0.0, 2.0)], str),
        line_chart(
            "s",
            hostile,
            hostile,
            [Line(hostile, np.arange(2.0), np.arange(2.0))],
            x_label=hostile,
            y_label=hostile,
            x_text=str,
            y_text=str,
            mark=1.0,
            mark_text=hostile,
        ),
    ):
        tree = ElementTree.fromstring(picture)
        assert not list(tree.iter("script"))
        assert hostile in [part.text for part in tree.iter()]


def test_bars_are_as_long_as_their_values():
    tree = ElementTree.fromstring(
        bar_chart("s", "t", "d", [Bar("a", 10), Bar("b", 5), Bar("c", float("nan"))], str)
    )
    long, half, none = (float(bar.get("width")) for bar in tree.iter("rect"))
    assert half == pytest.approx(long / 2, abs=0.1)
    assert none == 0


def test_bars_that_are_all_zero():
    tree = ElementTree.fromstring(bar_chart("s", "t", "d", [Bar("a", 0.0)], str))
    assert [bar.get("width") for bar in tree.iter("rect")] == ["0"]


def test_an_interval_lies_around_its_point_and_zero_is_shown():
    tree = ElementTree.fromstring(
        interval_chart("s", "t", "d", [Bar("a", 5.0, 2.0, 8.0, strong=True), Bar("b", 4.0)], str)
    )
    (whisker,) = (part for part in tree.iter("line") if "whisker" in part.get("class"))
    first, second = (float(dot.get("cx")) for dot in tree.iter("circle"))
    assert float(whisker.get("x1")) < first < float(whisker.get("x2"))
    assert second < first
    (zero,) = (part for part in tree.iter("line") if part.get("class") == "zero")
    assert float(zero.get("x1")) < second


def test_long_labels_are_cut():
    picture = bar_chart("s", "t", "d", [Bar("long " * 30, 1.0)], str)
    label = re.search(r'class="label">([^<]*)<', picture).group(1)
    assert len(label) <= 52
    assert label.endswith("…")


@given(
    st.floats(-1e9, 1e9),
    st.floats(1e-6, 1e9),
)
def test_ticks_enclose_the_values_at_equal_steps(low, size):
    high = low + max(size, 1e-8 * abs(low))
    marks = ticks(low, high)
    slack = 1e-6 * max(abs(low), abs(high), 1)
    assert marks[0] <= low + slack
    assert marks[-1] >= high - slack
    assert 2 <= len(marks) <= 12
    assert np.allclose(np.diff(marks), marks[1] - marks[0], rtol=1e-3)


def test_an_interval_chart_is_read_against_its_base_and_names_its_axis():
    bars = [Bar("a", 0.85, 0.84, 0.86)]
    tree = ElementTree.fromstring(interval_chart("s", "t", "d", bars, str, "AUC", base=0.5))
    texts = [part.text for part in tree.iter("text")]
    assert "AUC" in texts
    assert "0.0" not in texts
    (base,) = (part for part in tree.iter("line") if part.get("class") == "zero")
    (left,) = (part for part in tree.iter("text") if part.text == "0.5")
    assert base.get("x1") == left.get("x")
