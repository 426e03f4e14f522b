import sys
import time

import pytest

from features.text import STOP_WORDS, chosen_segmenter, has_chinese, words
from lodeworks.errors import NotInstalled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, []),
        ("", []),
        (" \t\n", []),
        ("!?...", []),
        ("42 2024-05-01 +49 170 1234567", []),
        ("A b C", []),
        ("Late", ["late"]),
        ("\uff2c\uff21\uff34\uff25", ["late"]),
        ("Don't — the shop\u2019s CUP", ["don't", "the", "shop", "cup"]),
        ("mail ann@example.com or see https://a.example/b?c now", ["mail", "or", "see", "now"]),
        ("😡😡 bad", ["😡", "😡", "bad"]),
        ("iPhone15 snake_case", ["iphone15", "snake", "case"]),
        ("größe naïve Ёлка", ["grösse", "naïve", "ёлка"]),
        ("x" * 41, []),
        ("快", ["快"]),
        ("快递", ["快递"]),
        ("快递late很慢", ["快递", "late", "很慢"]),
        ("快递\uff0c很慢", ["快递", "很慢"]),
    ],
)
def test_words_of_all_kinds_of_text(text, expected):
    assert words(text) == expected


def test_jieba_divides_chinese_into_words():
    pytest.importorskip("jieba")
    assert words("快递太慢了 OK", "jieba") == ["快递", "太慢", "了", "ok"] or words(
        "快递太慢了 OK", "jieba"
    ) == ["快递", "太", "慢", "了", "ok"]
    assert "".join(words("杯子到的时候已经碎了", "jieba")) == "杯子到的时候已经碎了"


def test_without_jieba_a_person_is_told_what_to_install(monkeypatch):
    module = sys.modules["features.text.words"]
    module._jieba.cache_clear()
    monkeypatch.setitem(sys.modules, "jieba", None)
    try:
        with pytest.raises(NotInstalled, match=r"pip install 'lodeworks\[chinese\]'"):
            words("快递太慢", "jieba")
        assert words("late", "jieba") == ["late"]
    finally:
        module._jieba.cache_clear()


@pytest.mark.parametrize(("installed", "expected"), [(True, "jieba"), (False, "bigrams")])
def test_the_best_segmenter_that_is_installed_is_chosen(monkeypatch, installed, expected):
    module = sys.modules["features.text.words"]
    monkeypatch.setattr(module, "find_spec", lambda name: object() if installed else None)
    assert chosen_segmenter() == expected
    assert chosen_segmenter("bigrams") == "bigrams"


@pytest.mark.parametrize("ask", [lambda: words("x", "jeiba"), lambda: chosen_segmenter("jeiba")])
def test_an_unknown_segmenter_is_refused_with_the_nearest(ask):
    with pytest.raises(ValueError, match="did you mean 'jieba'"):
        ask()


def test_chinese_is_seen_anywhere():
    assert has_chinese("late 快")
    assert not any(map(has_chinese, [None, "", "late", "ひらがな", "😡"]))


def test_stop_words_are_whole_words_as_words_gives_them():
    english = [word for word in STOP_WORDS if not has_chinese(word) and len(word) > 1]
    assert [word for word in english if words(word) != [word]] == []
    assert {"the", "的", "not", "不"} <= STOP_WORDS
    assert not {"late", "broken", "快递", "慢"} & STOP_WORDS


def test_a_text_of_a_megabyte_takes_moments():
    began = time.process_time()
    assert len(words("delivery was late " * 60_000)) == 180_000
    assert len(words("a" * 1_000_000)) == 0
    assert len(words("快" * 350_000)) == 349_999
    assert time.process_time() - began < 20
