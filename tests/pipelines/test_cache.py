"""Results are kept under what they depend on."""

import pytest

from pipelines.cache import Cache


def counting(made, text):
    def make(folder):
        made.append(text)
        (folder / "out.txt").write_text(text)

    return make


def test_an_unchanged_step_is_not_made_again(tmp_path):
    made = []
    cache = Cache(tmp_path)
    first = cache.step("mine", "rules", {"seed": 0}, counting(made, "a"))
    second = cache.step("mine", "rules", {"seed": 0}, counting(made, "a"))
    assert made == ["a"]
    assert (first.reused, second.reused) == (False, True)
    assert first.folder == second.folder
    assert second.seconds == first.seconds


def test_what_it_depends_on_makes_another_result(tmp_path):
    made = []
    cache = Cache(tmp_path)
    cache.step("mine", "rules", {"seed": 0}, counting(made, "a"))
    step = cache.step("mine", "rules", {"seed": 1}, counting(made, "b"))
    assert made == ["a", "b"]
    assert (step.folder / "out.txt").read_text() == "b"


def test_a_step_that_dies_leaves_nothing_and_is_made_again(tmp_path):
    def die(folder):
        (folder / "half.txt").write_text("half")
        raise KeyboardInterrupt

    made = []
    cache = Cache(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        cache.step("mine", "rules", {}, die)
    assert list((tmp_path / "mine").iterdir()) == []
    step = cache.step("mine", "rules", {}, counting(made, "whole"))
    assert sorted(path.name for path in step.folder.iterdir()) == ["out.txt", "step.json"]


def test_fresh_makes_everything_again(tmp_path):
    made = []
    for _ in range(2):
        Cache(tmp_path, fresh=True).step("mine", "rules", {}, counting(made, "a"))
    assert made == ["a", "a"]


def test_a_journal_is_named_by_what_it_depends_on(tmp_path):
    cache = Cache(tmp_path)
    assert cache.journal("rules", {"seed": 0}) == cache.journal("rules", {"seed": 0})
    assert cache.journal("rules", {"seed": 0}) != cache.journal("rules", {"seed": 1})
    cache.journal("rules", {"seed": 0}).write_text("trial")
    assert not Cache(tmp_path, fresh=True).journal("rules", {"seed": 0}).exists()
