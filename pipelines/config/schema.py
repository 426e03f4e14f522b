"""The JSON Schema of a configuration, for editors and for the reference."""

import re
from collections.abc import Iterator
from inspect import Parameter
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from lodeworks.errors import ConfigError, did_you_mean
from pipelines.config.docstrings import described
from pipelines.config.kinds import KINDS, model_of

__all__ = ["schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMON = {"kind": "Which of the kinds this is."}
NAMES = {
    "bool": "boolean",
    "dict": "object",
    "float": "number",
    "int": "integer",
    "list": "array",
    "None": "null",
    "NoneType": "null",
    "Literal": "string",
    "str": "string",
    "tuple": "array",
}
EXTENDS = {
    "title": "extends",
    "description": "Files this one is built on, relative to it: mappings merge, lists and single "
    "values replace; later files win over earlier ones, this file over all.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}


class _Schema(GenerateJsonSchema):
    """Write the keys as titles, without pydantic's capitals."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema(kind: str = "cross-sell") -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of the whole configuration of one kind.

    Every key has a title and a description; the parameters of every kind of candidate are listed
    from its constructor.

    Raises
    ------
    ConfigError
        When there is no such kind.
    """
    if kind not in KINDS:
        raise ConfigError(f"no kind is called {kind!r}; {did_you_mean(kind, KINDS)}")
    top = model_of(kind)
    whole = top.model_json_schema(by_alias=True, schema_generator=_Schema)
    _describe(whole, top)
    for part, model in _parts(whole, top):
        _describe(part, model)
    whole["properties"] = {"extends": EXTENDS, **whole["properties"]}
    if kind == "cross-sell":
        whole["$defs"]["Candidate"]["allOf"] = list(_candidates())
    return {"$schema": DIALECT, **whole}


def _parts(
    whole: dict[str, Any], top: type[BaseModel]
) -> Iterator[tuple[dict[str, Any], type[BaseModel]]]:
    models = {model.__name__: model for model in _below(top, set())}
    for name, part in whole["$defs"].items():
        yield part, models[name]


def _below(annotation: Any, seen: set[Any]) -> Iterator[type[BaseModel]]:
    """Give the models that an annotation leads to, itself among them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            yield annotation
            for field in annotation.model_fields.values():
                yield from _below(field.annotation, seen)
        return
    for part in get_args(annotation):
        yield from _below(part, seen)


def _describe(part: dict[str, Any], model: type[BaseModel]) -> None:
    """Fill in what the docstring of the class says, and one title a key."""
    texts = described(model)
    fields = {field.alias or name: (name, field) for name, field in model.model_fields.items()}
    part["description"] = _one_line(str(model.__doc__).partition("\n\n")[0])
    for key, value in part.get("properties", {}).items():
        name, field = fields[key]
        value["title"] = key
        value["description"] = _one_line(field.description or texts.get(name, COMMON.get(key, "")))


def _one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _candidates() -> Iterator[dict[str, Any]]:
    from pipelines.config.candidates import registry

    for kind in registry():
        then = {"properties": {"params": _params(kind)}}
        yield {"if": {"properties": {"kind": {"const": kind}}}, "then": then}


def _params(kind: str) -> dict[str, Any]:
    from pipelines.config.candidates import parameters, registry

    texts = described(registry()[kind])
    known = {
        name: {"title": name, "description": _one_line(texts.get(name, "")), **_form(parameter)}
        for name, parameter in parameters(kind).items()
    }
    return {"type": "object", "properties": known, "additionalProperties": False}


def _form(parameter: Parameter) -> dict[str, Any]:
    """Give what the signature says: the default, and the types it may have."""
    known = {NAMES[word] for word in re.findall(r"\w+", _annotation(parameter)) if word in NAMES}
    form: dict[str, Any] = {"type": sorted(known)} if known else {}
    if parameter.default is not Parameter.empty:
        default = parameter.default
        form["default"] = list(default) if isinstance(default, tuple) else default
    return form


def _annotation(parameter: Parameter) -> str:
    kind = parameter.annotation
    return kind.__name__ if isinstance(kind, type) else str(kind)
