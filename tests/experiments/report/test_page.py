import hashlib
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import experiments
import lodeworks
from experiments.report import html, render

VOID = {"meta", "br", "img", "link", "input", "hr"}
SECTIONS = [
    "splits",
    "leaderboard",
    "profit",
    "gains",
    "calibration",
    "tuning",
    "segments",
    "rules",
    "tree",
    "quality",
    "limits",
    "reproduce",
]


class Page(HTMLParser):
    """Every element with its attributes, and the text; elements must nest."""

    def __init__(self, source):
        super().__init__()
        self.elements, self.open, self.text = [], [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def count(self, tag):
        return sum(name == tag for name, _ in self.elements)

    def values(self, attribute):
        return [given[attribute] for _, given in self.elements if attribute in given]


@pytest.fixture(scope="module")
def page(full_report):
    return Page(html(full_report))


def test_nothing_is_asked_of_any_server(page, full_report):
    own = ("#", "data:text/csv;charset=utf-8,")
    assert all(link.startswith(own) for link in page.values("href"))
    for attribute in ("src", "srcset", "data", "action", "poster", "xlink:href"):
        assert page.values(attribute) == []
    for tag in ("script", "link", "iframe", "object", "img"):
        assert page.count(tag) == 0
    assert not re.search(r"https?:|//|@import|url\(", html(full_report))


def test_the_policy_of_the_page_forbids_requests(page):
    (policy,) = [g["content"] for _, g in page.elements if "http-equiv" in g]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_all_sections_are_there_and_can_be_reached(page):
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    links = [link for link in page.values("href") if link.startswith("#")]
    assert links == ["#analyst", *(f"#{section}" for section in SECTIONS)]
    assert set(SECTIONS) <= set(ids)
    assert {"found", "contact", "earn", "offers", "reasons", "unsure"} <= set(ids)


def test_names_for_screen_readers_exist(page):
    ids = set(page.values("id"))
    for names in page.values("aria-labelledby"):
        assert set(names.split()) <= ids


def test_headings_do_not_skip_a_level(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_picture_has_its_table_and_caption(page):
    pictures = sum(given.get("role") == "img" for _, given in page.elements)
    assert pictures == page.count("figure") == page.count("figcaption") == 7
    inside = [tag for tag, _ in page.elements]
    for place, tag in enumerate(inside):
        if tag == "figure":
            following = inside[place + 1 :]
            until = following.index("figure") if "figure" in following else None
            assert {"details", "table"} <= set(following[:until])


def test_the_first_page_tells_the_director_what_matters(page):
    text = " ".join(page.text)
    first, _ = text.split("For the analyst")
    for said in (
        "Contact 1,254 customers: it should earn about £8,412.",
        "Very likely to earn money",
        "between £5,120 and £11,930 in 95 of 100 such campaigns",
        "What we are unsure of",
        "REGENCY CAKESTAND 3 TIER",
    ):
        assert said in first


def test_the_analyst_finds_the_figures(page):
    text = " ".join(page.text)
    for said in ("541,909", "customer is missing", "Recall@10, new items", "kind: cross-sell"):
        assert said in text
    assert "|--- popularity > 120: 6.0%" in text


@pytest.mark.parametrize(
    ("section", "nothing"),
    [
        ("splits", {"windows": None}),
        ("profit", {"profit_curves": {}}),
        ("gains", {"gains": {}}),
        ("calibration", {"calibration": None}),
        ("segments", {"segments": None}),
        ("rules", {"rules": None}),
        ("tree", {"tree": None}),
        ("tuning", {"trials": None}),
        ("quality", {"load": None, "rejected": None}),
        ("limits", {"limitations": ()}),
        ("reasons", {"reasons": None}),
        ("offers", {"list": None}),
        ("earn", {"profit_curves": {}}),
    ],
)
def test_a_part_that_is_not_given_is_left_out(full_report, section, nothing):
    shorter = Page(html(replace(full_report, **nothing)))
    assert section not in shorter.values("id")
    assert f"#{section}" not in shorter.values("href")
    assert "leaderboard" in shorter.values("id")


def test_the_page_tells_the_first_rules_and_the_table_beside_it_all(full_report, tmp_path):
    rules = pd.DataFrame({"if bought": [f"item {n} of many" for n in range(31)], "lift": 2.0})
    rules = rules.assign(**{"then also": "tea", "p_adjusted": 1e-300})
    page = Page(html(replace(full_report, rules=rules.head(30))))
    assert not any("beside this page" in text for text in page.text)
    render(replace(full_report, rules=rules), tmp_path / "report.html")
    told = " ".join(Page((tmp_path / "report.html").read_text()).text)
    assert "The first 30 of 31 rules" in told
    assert "item 29 of many" in told
    assert "item 30 of many" not in told
    assert "<0.001" in told
    assert len(pd.read_parquet(tmp_path / "rules.parquet")) == 31


def test_a_long_text_is_given_room(full_report):
    reason = "Bought tea and milk, and so did many others who then came back for more of it."
    counts = []
    for text in ("Tea.", reason):
        page = Page(html(replace(full_report, reasons=full_report.reasons.assign(reason=text))))
        counts.append(sum(given.get("class") == "long" for _, given in page.elements))
    assert counts[1] - counts[0] == len(full_report.reasons)


def test_the_least_that_must_be_given_is_enough(bare_report):
    bare = Page(html(bare_report))
    links = [link for link in bare.values("href") if link.startswith("#")]
    assert links == ["#analyst", "#leaderboard", "#reproduce"]
    assert "No list was made in this run." in " ".join(bare.text)


def test_an_empty_leaderboard_still_gives_a_page(bare_report):
    nothing = replace(bare_report, leaderboard=bare_report.leaderboard.iloc[:0])
    assert "Contact nobody" in " ".join(Page(html(nothing)).text)


HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&amp;{{ 7*7 }}"


def poisoned(value):
    """Put markup in the place of every text."""
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, pd.DataFrame):
        texts = [c for c in value if value[c].dtype == object or str(value[c].dtype) == "str"]
        return value.assign(**dict.fromkeys(texts, HOSTILE))
    if is_dataclass(value):
        return replace(
            value, **{f.name: poisoned(getattr(value, f.name)) for f in fields(value) if f.init}
        )
    if isinstance(value, dict):
        return {f"{HOSTILE}{n}": poisoned(item) for n, item in enumerate(value.values())}
    return [poisoned(item) for item in value] if isinstance(value, (list, tuple)) else value


def test_markup_in_any_text_stays_text(full_report):
    page = Page(html(poisoned(full_report)))
    assert page.count("script") == page.count("img") == 0
    assert not any(name.startswith("on") for _, given in page.elements for name in given)
    assert " ".join(page.text).count(HOSTILE) > 30


def test_item_names_with_markup_are_shown_as_they_are(full_report):
    name = "<b>Mug</b> & saucer"
    items = full_report.list.top_items.assign(item_name=name)
    report = replace(full_report, list=replace(full_report.list, top_items=items))
    source = html(report)
    assert name not in source
    assert "&lt;b&gt;Mug&lt;/b&gt; &amp; saucer" in source


def test_the_same_report_gives_the_same_bytes(full_report, tmp_path):
    first = render(full_report, tmp_path / "a.html").read_bytes()
    assert first == render(full_report, tmp_path / "deep" / "b.html").read_bytes()


def test_rendering_does_not_change_the_report(full_report):
    before = full_report.leaderboard.copy()
    html(full_report)
    pd.testing.assert_frame_equal(before, full_report.leaderboard)


def test_a_report_that_cannot_be_made_leaves_the_former_one(full_report, tmp_path):
    path = render(full_report, tmp_path / "report.html")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    broken = replace(full_report, calibration=pd.DataFrame({"predicted": [0.1]}))
    with pytest.raises(KeyError, match="observed"):
        render(broken, path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_large_run_stays_below_two_megabytes(full_report):
    size = 200_001
    curve = pd.DataFrame(
        {
            "depth": np.linspace(0, 1, size),
            "customers": np.arange(size),
            "contact_cost": np.arange(size) * 0.5,
            "expected_profit": np.sqrt(np.arange(size)) * 1234.567,
            "realised_profit": np.sqrt(np.arange(size)) * 1111.222,
        }
    )
    curves = {f"candidate {place}": curve for place in range(20)}
    large = replace(full_report, profit_curves=curves | {"rules": curve})
    assert len(html(large).encode()) < 2_000_000


SCRIPT = """
import hashlib, sys
import pandas as pd
from experiments.report import ReportData, html
board = pd.DataFrame({
    "candidate": ["b", "a"], "family": ["tree", "baseline"], "customers": [5, 6],
    "expected_profit": [9.5, 3.25], "expected_profit_low": [1.0, -2.0],
    "expected_profit_high": [19.0, 8.0], "hit@10_new": [0.2, 0.1],
})
report = ReportData(title="t", name="n", currency="EUR", as_of="2024-01-01", leaderboard=board,
                    winner="b", winner_reason="r", seeds={"x": 1, "y": 2})
print(hashlib.sha256(html(report).encode()).hexdigest())
"""


def in_another_process(path: Path, where: Path, hash_seed: str) -> str:
    """Render in a clean process; `-P` keeps the working folder off the import path."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(path), "PYTHONHASHSEED": hash_seed, "LC_ALL": "C"},
        cwd=where,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_an_archived_package_in_another_process_gives_the_same_bytes(tmp_path, capsys):
    """The templates come from the package itself, even when that is no folder on disk."""
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for package in (experiments, lodeworks):
            folder = Path(package.__file__).parent
            for file in sorted(folder.rglob("*")):
                if file.suffix in {".py", ".html", ".css"}:
                    packed.write(file, file.relative_to(folder.parent))
    exec(SCRIPT, {})
    here = capsys.readouterr().out.strip()
    assert len(here) == len(hashlib.sha256().hexdigest())
    assert in_another_process(archive, tmp_path, "1") == here
    assert in_another_process(archive, tmp_path, "2") == here


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_can_be_read_in_light_and_in_dark(full_report):
    source = html(full_report)
    themes = [
        dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", source, flags=re.DOTALL)[:2]
    ]
    for theme in themes:
        for text in ("--ink", "--soft", "--accent"):
            assert contrast(theme[text], theme["--card"]) >= 4.5
            assert contrast(theme[text], theme["--page"]) >= 4.5
        for mood in ("good", "open", "bad"):
            assert contrast(theme[f"--{mood}"], theme[f"--{mood}-wash"]) >= 4.5
        for line in range(1, 9):
            assert contrast(theme[f"--c{line}"], theme["--card"]) >= 3
