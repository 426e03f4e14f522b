"""From a YAML file to one checked configuration."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lodeworks.errors import ConfigError, did_you_mean
from pipelines.config.bases import read_with_bases
from pipelines.config.environment import Interpolated, interpolate
from pipelines.config.files import with_whole_paths
from pipelines.config.kinds import KINDS, model_of
from pipelines.config.nodes import Node, descend, plain
from pipelines.config.overrides import with_overrides
from pipelines.config.problems import Problem, refuse
from pipelines.config.question import Question
from pipelines.config.wording import problems_of, shown

if TYPE_CHECKING:
    from pipelines.config.cross_sell import CrossSell

__all__ = ["load", "load_cross_sell"]


def load(
    path: str | Path,
    overrides: Iterable[str] = (),
    *,
    environ: Mapping[str, str] | None = None,
) -> Question:
    """Read, merge, fill in and check a configuration.

    Parameters
    ----------
    path : str or Path
        The YAML file; what it ``extends`` is read too.
    overrides : iterable of str
        Changes in the form ``key.path=value``, applied in order after merging.
    environ : mapping of str to str, optional
        Where ``${NAME}`` is looked up; default: the environment of the process.

    Returns
    -------
    Question
        A frozen tree; its ``secrets`` tell which values came from the environment.

    Raises
    ------
    ConfigError
        With everything that is wrong at once: file, line, key, what was given, what is allowed.
    """
    name = Path(path)
    tree = with_overrides(read_with_bases(name), overrides)
    filled = interpolate(tree, os.environ if environ is None else environ)
    filled.tree = with_whole_paths(filled.tree)
    return _checked(filled, str(name))


def load_cross_sell(path: str | Path, overrides: Iterable[str] = ()) -> "CrossSell":
    """Read a configuration that must be one of cross-sell; see `load`."""
    from pipelines.config.cross_sell import CrossSell

    config = load(path, overrides)
    if not isinstance(config, CrossSell):
        raise ConfigError(f"{path}: kind is {config.kind!r}; needed: 'cross-sell'")
    return config


def _checked(filled: Interpolated, name: str) -> Question:
    model = _model(filled.tree, name)
    try:
        config = model.model_validate(plain(filled.tree))
    except ValidationError as error:
        found = problems_of(error, model, filled.tree, filled.templates)
        unfilled = {problem.path for problem in filled.problems}
        refuse(name, [*filled.problems, *(each for each in found if each.path not in unfilled)])
        raise
    refuse(name, filled.problems)
    config._templates.update(filled.templates)
    return config


def _model(tree: Node, name: str) -> type[Question]:
    if not isinstance(tree.value, dict) or "kind" not in tree.value:
        message = f"is missing; allowed: {', '.join(KINDS)}"
        refuse(name, [Problem(tree.place, ("kind",), message)])
    stated = descend(tree, ("kind",))
    kind = stated.value if isinstance(stated.value, str) else ""
    if kind not in KINDS:
        message = f"given {shown(plain(stated))}; {did_you_mean(kind, KINDS)}"
        refuse(name, [Problem(stated.place, ("kind",), message)])
    return model_of(kind)
