"""Which keys are allowed where, read from the models themselves."""

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

__all__ = ["keys_at", "kinds_at"]

Part = str | int


def keys_at(model: type[BaseModel], loc: Sequence[Part]) -> list[str]:
    """Give the keys that the mapping at `loc` may have."""
    return [key for found in _models_at(model, loc) for key in _fields(found)]


def kinds_at(model: type[BaseModel], loc: Sequence[Part]) -> list[str]:
    """Give the kinds between which the mapping at `loc` may choose."""
    return [kind for found in _models_at(model, loc) for kind in _kinds(found)]


def _models_at(model: type[BaseModel], loc: Sequence[Part]) -> list[type[BaseModel]]:
    here: list[Any] = [model]
    for part in loc:
        below = [step for kind in here for step in _below(kind, part)]
        here = below or _of_kind(here, part)
    return [kind for kind in here if _is_model(kind)]


def _below(kind: Any, part: Part) -> Iterator[Any]:
    """Give the types that the value under `part` of a `kind` may have."""
    if _is_model(kind):
        if part in _fields(kind):
            yield from _flat(_fields(kind)[str(part)])
    elif get_origin(kind) in (tuple, list) and isinstance(part, int):
        yield from _flat(get_args(kind)[0])
    elif get_origin(kind) is dict and isinstance(part, str):
        yield from _flat(get_args(kind)[1])


def _of_kind(here: list[Any], part: Part) -> list[Any]:
    """Read `part` as the kind that tells the members of a union apart."""
    chosen = [kind for kind in here if _is_model(kind) and part in _kinds(kind)]
    return chosen or here


def _flat(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _flat(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _flat(member)
    else:
        yield annotation


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _kinds(model: type[BaseModel]) -> list[str]:
    annotation = _fields(model).get("kind")
    return list(get_args(annotation)) if get_origin(annotation) is Literal else []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
