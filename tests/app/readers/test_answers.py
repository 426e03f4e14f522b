"""Answers are kept, bounded, and made once."""

from threading import Barrier, Thread

import pytest

from app.readers.answers import Answers


def test_an_answer_is_made_once():
    answers, made = Answers(), []

    def make():
        made.append(1)
        return "cells"

    assert [answers.get("view", make, len) for _ in range(3)] == ["cells"] * 3
    assert made == [1]
    assert answers.cells == 5


def test_the_least_lately_used_goes_first():
    answers = Answers(most=4)
    for key in ("a", "b", "a", "c"):
        answers.get(key, lambda key=key: key * 2, len)
    made = []
    for key in ("a", "c", "b"):
        answers.get(key, lambda key=key: made.append(key) or key * 2, len)
    assert made == ["b"]
    assert answers.cells == 4


def test_one_that_is_too_large_is_given_and_not_kept():
    answers = Answers(most=3)
    answers.get("small", lambda: "abc", len)
    assert answers.get("large", lambda: "abcd", len) == "abcd"
    assert answers.cells == 3


def test_none_is_an_answer():
    answers, made = Answers(), []
    for _ in range(2):
        assert answers.get("nobody", lambda: made.append(1), lambda _: 1) is None
    assert made == [1]


def test_what_failed_is_asked_again():
    answers = Answers()
    with pytest.raises(ZeroDivisionError):
        answers.get("view", lambda: 1 / 0, lambda _: 1)
    assert answers.get("view", lambda: 7, lambda _: 1) == 7


def test_several_who_ask_at_once_share_an_answer():
    answers, together, made, got = Answers(), Barrier(8), [], []

    def make():
        made.append(1)
        return object()

    def ask():
        together.wait()
        got.append(answers.get("view", make, lambda _: 1))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert len(set(map(id, got))) == 1
    assert answers._asking == {}
