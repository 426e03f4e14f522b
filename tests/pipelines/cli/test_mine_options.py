"""The options of `lode mine`: named once, in groups."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer

from pipelines.cli.mine import mine
from pipelines.cli.mine.expanded import expanded
from pipelines.cli.mine.interrupts import Interrupted

SHARED = {
    *("file", "out", "format", "item", "customer", "time", "delimiter"),
    *("budget_memory", "budget_itemsets", "timeout", "n_jobs", "json", "quiet", "debug"),
}


@dataclass(frozen=True)
class Size:
    width: Annotated[int, typer.Option(help="How wide.")]
    height: Annotated[int, typer.Option(help="How high.")] = 2


def test_a_group_stands_for_its_fields():
    seen = []

    @expanded
    def measure(size: Size, times: int = 1) -> None:
        """Say what it does."""
        seen.append((size, times))

    parameters = inspect.signature(measure).parameters
    assert list(parameters) == ["width", "height", "times"]
    assert parameters["width"].default is inspect.Parameter.empty
    assert (
        parameters["height"].annotation
        == Annotated[int, *Size.__annotations__["height"].__metadata__]
    )
    measure(width=3, times=4)
    measure(width=3, height=5)
    assert seen == [(Size(3, 2), 4), (Size(3, 5), 1)]
    assert measure.__doc__ == "Say what it does."


def test_an_interrupt_is_told_as_one_that_cannot_be_resumed():
    @expanded
    def wait() -> None:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="interrupted; nothing was written") as caught:
        wait()
    assert caught.value.exit_code == 130


@pytest.mark.parametrize("command", mine.registered_commands, ids=lambda one: one.callback.__name__)
def test_every_kind_shares_the_same_options(command):
    parameters = inspect.signature(command.callback).parameters
    assert set(parameters) >= SHARED
    for name, parameter in parameters.items():
        (option,) = parameter.annotation.__metadata__
        assert option.help, name
