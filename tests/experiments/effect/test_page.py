"""The page of a measurement: complete in itself, escaped, the same bytes."""

import math

import pandas as pd

from experiments.effect.page import EffectPage, write_page


def page(**changes):
    told = {
        "title": "Measured: list.csv",
        "headline": "The contacts earned 12.00 GBP.",
        "mood": "good",
        "verdict": "Earned money",
        "statements": ["bought: 5% against 3%"],
        "notes": ["interim: 3 of 31 days"],
        "currency": "GBP",
        "tables": {"Outcomes": pd.DataFrame({"outcome": ["profit"], "total": [12.0]})},
        "lifts": {"profit": (10.0, 2.0, 18.0), "units": (5.0, math.nan, math.nan)},
        "facts": {"list": "abc"},
        **changes,
    }
    return EffectPage(**told)


def test_it_says_everything_and_asks_for_nothing(tmp_path):
    write_page(page(), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    for part in ("earned 12.00 GBP", "5% against 3%", "3 of 31 days", "Outcomes", "abc", "<svg"):
        assert part in text
    assert "http://" not in text
    assert "https://" not in text
    assert "<script" not in text


def test_what_others_wrote_is_escaped(tmp_path):
    write_page(page(statements=["rule <script>alert(1)</script>"]), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_the_same_page_gives_the_same_bytes(tmp_path):
    for name in ("one.html", "two.html"):
        write_page(page(), tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_without_a_known_interval_there_is_no_picture(tmp_path):
    write_page(page(lifts={"units": (5.0, math.nan, math.nan)}), tmp_path / "page.html")
    assert "<svg" not in (tmp_path / "page.html").read_text()
