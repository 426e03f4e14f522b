"""The page of any business question, as a reader meets it."""

import re

import pandas as pd

from experiments.report.sheet import Part, Sheet, sheet_html

PAGE = sheet_html(
    Sheet(
        title="Segments: shop",
        headline="Three segments.",
        verdict="comes again",
        lead=["one is left out"],
        doubts=["Is it so?", "3 <b>rows</b> are missing"],
        tiles={"on the list": ("12", "of 30")},
        parts=[Part(heading="All", tables={"by class": pd.DataFrame({"who": ["ann"], "n": [2]})})],
    )
)


def test_notes_are_shown_as_sentences():
    for said in ("Comes again</p>", "<li>One is left out.</li>", "<li>Is it so?</li>"):
        assert said in PAGE
    assert "<li>3 &lt;b&gt;rows&lt;/b&gt; are missing.</li>" in PAGE


def test_labels_and_captions_begin_with_a_capital():
    assert "<dt>On the list</dt>" in PAGE
    assert '<p class="kicker">By class</p>' in PAGE


def test_every_table_can_be_saved_and_nothing_is_asked_of_a_network():
    assert PAGE.count("<table>") == len(re.findall(r"<a [^>]*download=", PAGE)) == 1
    assert not re.search(r'(src|href)="https?:|@import|url\(', PAGE)
