"""Groups of options: a dataclass in a command's signature stands for one option a field."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from inspect import Parameter
from typing import Any, get_type_hints

from pipelines.cli.mine.interrupts import without_resuming

__all__ = ["expanded"]


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take groups of options.

    Parameters
    ----------
    command : callable
        Parameters whose type is a dataclass stand for its fields, which are annotated as options.

    Returns
    -------
    callable
        Takes every option by its own name and gives the command the groups.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Size:
    ...     width: int
    ...     height: int = 2
    >>> @expanded
    ... def area(size: Size, times: int = 1) -> None:
    ...     print(size.width * size.height * times)
    >>> area(width=3, times=5)
    30
    >>> list(inspect.signature(area).parameters)
    ['width', 'height', 'times']
    """
    hints = get_type_hints(command, include_extras=True)
    given = inspect.signature(command).parameters.values()
    groups = {one.name: hints[one.name] for one in given if is_dataclass(hints[one.name])}
    names = {name: [field.name for field in fields(group)] for name, group in groups.items()}

    @wraps(command)
    def typed(**options: Any) -> None:
        with without_resuming():
            for name, group in groups.items():
                own = {key: options.pop(key) for key in names[name] if key in options}
                options[name] = group(**own)
            command(**options)

    parameters = [
        single
        for one in given
        for single in (
            _options(groups[one.name]) if one.name in groups else [_option(one, hints[one.name])]
        )
    ]
    typed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return typed


def _options(group: type) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]


def _option(parameter: Parameter, hint: object) -> Parameter:
    return parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hint)
