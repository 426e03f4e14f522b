"""Points and arrows."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from experiments.report.network import Arrow, network_chart
from experiments.report.scatter import LARGE, SMALL, Dot, scatter_chart

HOSTILE = "<script>alert('x')</script> \" & "


def drawn(markup):
    return ElementTree.fromstring(str(markup))


def scatter(*dots):
    return drawn(scatter_chart("s", "A title", "A text", dots, x_label="x", y_label="y"))


def network(*arrows):
    return drawn(network_chart("n", "A title", "A text", arrows))


def test_a_higher_value_lies_higher_and_further_right():
    low, high = scatter(Dot(0, 0, "a"), Dot(1, 1, "b")).findall(".//circle")
    assert float(low.get("cx")) < float(high.get("cx"))
    assert float(low.get("cy")) > float(high.get("cy"))


def test_a_point_that_is_not_finite_is_left_out():
    circles = scatter(Dot(0, float("nan"), "a"), Dot(float("inf"), 1, "b"), Dot(1, 1, "c"))
    assert len(circles.findall(".//circle")) == 1


def test_sizes_stay_within_bounds_and_large_ones_lie_below():
    sizes = [-1.0, 0.5, 9.0]
    circles = scatter(*(Dot(0, 0, "a", size=size) for size in sizes)).findall(".//circle")
    radii = [float(circle.get("r")) for circle in circles]
    assert radii == sorted(radii, reverse=True)
    assert (min(radii), max(radii)) == (SMALL, LARGE)


def test_a_linked_point_is_named_and_the_picture_is_a_group():
    picture = scatter(Dot(0, 0, "tea → milk", link="/rules/1"), Dot(1, 1, "b"))
    (link,) = picture.findall(".//a")
    assert (link.get("href"), link.get("aria-label")) == ("/rules/1", "tea → milk")
    assert picture.get("role") == "group"
    assert scatter(Dot(0, 0, "a")).get("role") == "img"


def test_no_points_give_an_empty_picture():
    assert scatter().findall(".//circle") == []
    assert network().findall(".//circle") == []


def test_each_name_stands_once_and_each_arrow_is_drawn():
    picture = network(Arrow("tea", "milk"), Arrow("tea", "sugar"), Arrow("milk", "sugar"))
    assert [node.text for node in picture.findall(".//text")] == ["tea", "milk", "sugar"]
    assert len(picture.findall("path[@class='head']")) == 3


def test_neighbours_stand_beside_each_other():
    arrows = [Arrow("a", "x"), Arrow("b", "y"), Arrow("c", "a")]
    names = [node.text for node in network(*arrows).findall(".//text")]
    assert names == ["a", "x", "c", "b", "y"]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 30, 61])
def test_no_name_is_written_over_another(count):
    picture = network(*[Arrow(f"item {n}", f"item {n + 1}") for n in range(count)])
    texts = picture.findall(".//text")
    assert len(texts) == count + 1
    for side in ("node", "node end"):
        heights = sorted(float(one.get("y")) for one in texts if one.get("class") == side)
        gaps = [high - low for low, high in pairwise(heights)]
        assert all(gap >= 14 for gap in gaps)
    tall = float(picture.get("viewBox").split()[3])
    assert all(10 <= float(one.get("y")) <= tall - 5 for one in texts)


@pytest.mark.parametrize(("weight", "style"), [(-1, "w0"), (0.0, "w0"), (0.5, "w2"), (7, "w4")])
def test_a_weight_is_a_width(weight, style):
    path = network(Arrow("a", "b", weight)).find("path")
    assert path.get("class") == f"link {style}"


def test_long_names_are_cut_and_told_in_full():
    name = "a very long name of an item that nobody can read here"
    picture = network(Arrow(name, "b"))
    assert picture.find(".//text").text.endswith("…")
    assert picture.find(".//circle/title").text == name


def test_names_with_markup_are_text():
    for markup in (
        scatter_chart("s", HOSTILE, HOSTILE, [Dot(0, 0, HOSTILE, link="/x")], x_label=HOSTILE,
                      y_label="y"),
        network_chart("n", HOSTILE, HOSTILE, [Arrow(HOSTILE, "b", name=HOSTILE, link="/x")]),
    ):  # fmt: skip
        assert "<script" not in markup
        assert drawn(markup).find("title").text == HOSTILE


def test_every_place_is_a_number():
    text = str(network_chart("n", "t", "d", [Arrow("a", "b"), Arrow("b", "c"), Arrow("a", "a")]))
    assert not re.search(r"nan|inf", text)
