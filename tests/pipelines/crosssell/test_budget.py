"""What fits into the memory that may be used."""

import pytest

from lodeworks import ConfigError
from pipelines.crosssell.budget import Budget, parse_memory

GIB = 1024**3


@pytest.mark.parametrize(
    ("text", "amount"),
    [("4GiB", 4 * GIB), ("2 gb", 2 * 10**9), ("1536MiB", 1536 * 1024**2), ("1.5GiB", 3 * GIB // 2)],
)
def test_amounts_are_read(text, amount):
    assert parse_memory(text) == amount


@pytest.mark.parametrize("text", ["much", "4 apples", "-1GiB", "", "4GiBs"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ConfigError, match="give an amount of memory such as 4GiB"):
        parse_memory(text)


def test_less_than_the_libraries_need_is_refused():
    with pytest.raises(ConfigError, match="at least 1GiB is needed"):
        parse_memory("500MB")


def test_processes_and_parts_stay_within_the_memory():
    for memory in ("1GiB", "2GiB", "4GiB", "64GiB"):
        for workers in (1, 2, 16):
            budget = Budget.of(memory, workers)
            processes = budget.workers + (budget.workers > 1)
            assert processes * 800 * 1024**2 + budget.workers * budget.room <= budget.memory
            assert 0 < budget.weight(30).most <= budget.room
    assert Budget.of("1GiB", 16).workers == 1
    assert Budget.of("64GiB", 16).workers == 16


def test_only_what_is_asked_for_is_a_limit():
    assert not Budget.of(None).is_strict
    assert Budget.of("4GiB").is_strict
    assert Budget.of(None).memory == 4 * GIB


def test_a_stated_partition_counts_customers():
    weight = Budget.of(None, partition=7).weight(30)
    assert (weight.customer, weight.line, weight.most) == (1, 0, 7)
