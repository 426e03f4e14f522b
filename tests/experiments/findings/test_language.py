"""Statements in English and Chinese, from files that say the same things."""

import json
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.findings import KINDS, STATUSES, Words
from experiments.findings.compare import CHANGES
from experiments.findings.language import FOLDER, LANGUAGES, Language, language_of
from lodeworks import ConfigError

FILES = {name: json.loads((FOLDER / f"{name}.json").read_text()) for name in LANGUAGES}
TEMPLATES = sorted(name for name, value in FILES["en"].items() if isinstance(value, str))
RULE = {"if": ["Tea", "Jam"], "then": ["Milk"], "covered": 1200, "confidence": 0.125, "days": 31}


def fields(template):
    return sorted({field for _, field, _, _ in Formatter().parse(template) if field})


def test_english_and_chinese_are_there():
    assert LANGUAGES == ("en", "zh")


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_sentence_tells_the_same_values_in_every_language(key):
    told = {name: fields(file[key]) for name, file in FILES.items()}
    assert told["zh"] == told["en"]


@pytest.mark.parametrize("group", ["labels", "kinds", "statuses", "changes", "page"])
def test_every_language_has_the_same_words(group):
    assert set(FILES["zh"]) == set(FILES["en"])
    assert set(FILES["zh"][group]) == set(FILES["en"][group])
    assert {*KINDS} | {*STATUSES} | {*CHANGES} <= {
        name for kind in ("kinds", "statuses", "changes") for name in FILES["en"][kind]
    }


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "en",
            "Who bought Tea and Jam buys Milk: of 1,200 such customers 12.5% did within 31 days,"
            " 2.3 times the usual share.",
        ),
        (
            "zh",
            "买过Tea和Jam的顾客会买Milk：1,200 位这样的顾客中有 12.5%"  # noqa: RUF001 (Chinese)
            " 在 31 天内购买，是通常比例的 2.3 倍。",  # noqa: RUF001
        ),
    ],
)
def test_a_rule_is_told(code, said):
    assert Language(code).tell(Words("rule", {**RULE, "times": 2.345})) == said


def test_what_is_not_known_is_said_so():
    told = Language("en").tell(Words("rule", {**RULE, "times": None, "confidence": None}))
    assert "of 1,200 such customers not known did" in told
    assert told.endswith("not known times the usual share.")
    assert "of not known such" in Language("en").tell(Words("rule", {"if": ["a"], "then": ["b"]}))


@pytest.mark.parametrize(
    ("times", "said"), [(2.345, "2.3"), (0.05, "0.1"), (0.0499, "0.05"), (0.02, "0.02")]
)
def test_a_little_is_not_told_as_nothing(times, said):
    told = Language("en").tell(Words("rule", {**RULE, "times": times}))
    assert told.endswith(f" {said} times the usual share.")


def test_levels_are_words_of_the_language_and_names_of_items_are_not():
    traits = [{"trait": "frequency", "level": "level.higher"}]
    values = {"customers": 5, "share": 0.1, "traits": traits}
    assert "orders higher than usual" in Language("en").tell(Words("segment", values))
    assert "订单数高于通常水平" in Language("zh").tell(Words("segment", values))
    assert "list" in Language("zh").tell(Words("rule.baskets", {"if": ["list"], "then": ["more"]}))


def test_steps_are_told_in_their_order():
    words = Words("sequence.pattern", {"steps": ["b", "a", "c"], "support": 0.5, "n": 10})
    assert Language("en").tell(words) == (
        "Customers buy in this order: b, then a, then c; 50.0% of 10 did."
    )


@given(st.text(max_size=20))
def test_a_name_is_taken_as_it_is(name):
    told = Language("en").tell(Words("rule.baskets", {"if": [name], "then": ["x"]}))
    assert told.startswith(f"Baskets with {name} also hold x")


@given(st.text(min_size=1, max_size=8), st.dictionaries(st.text(max_size=4), st.text(max_size=4)))
def test_any_words_are_told_somehow(key, values):
    for code in LANGUAGES:
        assert isinstance(Language(code).tell(Words(key, values)), str)


def test_a_sentence_that_no_file_knows_shows_its_values():
    assert Language("zh").tell(Words("new.thing", {"a": 1, "b": "x"})) == "new.thing: a 1, b x"


def test_plain_words_fall_back_on_english():
    assert Language("zh").tell(Words("plain", {"en": "Tea sells."})) == "Tea sells."


def test_the_language_is_stated_or_in_the_environment_or_english(monkeypatch):
    monkeypatch.delenv("LODE_LANGUAGE", raising=False)
    assert language_of().code == "en"
    monkeypatch.setenv("LODE_LANGUAGE", "zh")
    assert (language_of().code, language_of("en").code) == ("zh", "en")
    with pytest.raises(ConfigError, match=r"no words in the language 'zhh'; did you mean 'zh'\?"):
        language_of("zhh")
