from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from pipelines.config.nodes import plain
from pipelines.config.reading import read_value
from pipelines.config.sections import Many, Section
from pipelines.config.shapes import keys_at, kinds_at
from pipelines.config.wording import problems_of, shown


class Cat(Section):
    kind: Literal["cat"]
    lives: int = Field(9, ge=1, le=9)


class Dog(Section):
    kind: Literal["dog"]
    tricks: dict[str, bool] = Field(default_factory=dict)


class Zoo(Section):
    name: str = Field("zoo", min_length=2, max_length=4)
    pets: Many[Annotated[Cat | Dog, Field(discriminator="kind")]] = ()
    first: Cat | None = None
    size: float = Field(1.0, gt=0, lt=5)
    mixed: int | str = 0
    open_: bool = Field(True, alias="open")


def said(text, templates=None):
    tree = read_value(text, "zoo")
    with pytest.raises(ValidationError) as caught:
        Zoo.model_validate(plain(tree))
    return [str(each) for each in problems_of(caught.value, Zoo, tree, templates or {})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{nam: x}", "zoo: nam: unknown key; did you mean 'name'?"),
        ("{opn: true}", "zoo: opn: unknown key; did you mean 'open'?"),
        ("{open_: true}", "zoo: open_: unknown key; did you mean 'open'?"),
        ("{zzz: 1}", "unknown key; allowed: first, mixed, name, open, pets, size"),
        ("{name: 3}", "zoo: name: given 3; text is needed"),
        ("{name: x}", "zoo: name: given 'x'; text of at least 2 letters is needed"),
        ("{name: xxxxx}", "zoo: name: given 'xxxxx'; text of at most 4 letters is needed"),
        ("{name: null}", "zoo: name: given nothing; text is needed"),
        ("{size: 0}", "zoo: size: given 0; a value above 0 is needed"),
        ("{size: 5}", "zoo: size: given 5; a value below 5 is needed"),
        ("{size: big}", "zoo: size: given 'big'; a number is needed"),
        ("{size: true}", "zoo: size: given true; a number is needed"),
        ("{size: .nan}", "given nan; a finite number is needed"),
        ("{open: 'yes'}", "zoo: open: given 'yes'; true or false is needed"),
        ("{mixed: [1]}", "zoo: mixed: given a list; a whole number or text is needed"),
        ("{first: 3}", "zoo: first: given 3; a mapping is needed"),
        ("{first: {}}", "zoo: first.kind: is missing"),
        ("{first: {kind: cow}}", "zoo: first.kind: given 'cow'; allowed: cat"),
        ("{pets: {}}", "zoo: pets: given a mapping; a list is needed"),
        ("{pets: [{}]}", "zoo: pets[0].kind: is missing; allowed: cat, dog"),
        ("{pets: [{kind: cta}]}", "zoo: pets[0].kind: given 'cta'; did you mean 'cat'?"),
        ("{pets: [{kind: cat, live: 3}]}", "zoo: pets[0].live: unknown key; did you mean 'lives'?"),
        ("{pets: [{kind: cat, lives: 0}]}", "pets[0].lives: given 0; a value of at least 1 is"),
        ("{pets: [{kind: cat, lives: 10}]}", "pets[0].lives: given 10; a value of at most 9 is"),
        ("{pets: [{kind: dog, tricks: {sit: 1}}]}", "pets[0].tricks.sit: given 1; true or false"),
        ("{pets: [{kind: dog, tricks: 1}]}", "pets[0].tricks: given 1; a mapping is needed"),
    ],
)
def test_every_finding_is_said_in_words(text, message):
    (found,) = said(text)
    assert message in found


def test_all_findings_are_said():
    found = said("{name: x, pets: [{kind: cat, lives: 0}, {kind: dog, x: 1}], size: 9}")
    assert len(found) == 4


def test_what_came_from_the_environment_is_shown_as_it_was_written():
    text = "{name: secret-one, size: secret-two}"
    found = said(text, {("name",): "${NAME}", ("size",): "${SIZE}"})
    assert found == [
        "zoo: name: given '${NAME}'; text of at most 4 letters is needed",
        "zoo: size: given '${SIZE}'; a number is needed",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "a mapping"),
        ([1], "a list"),
        ((), "a list"),
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        (1.5, "1.5"),
        ("it's", '"it\'s"'),
        ("x" * 100, "'" + "x" * 56 + "..."),
    ],
)
def test_values_are_shown_shortly(value, text):
    assert shown(value) == text


def test_keys_are_read_from_the_models():
    assert keys_at(Zoo, ()) == ["name", "pets", "first", "size", "mixed", "open"]
    assert keys_at(Zoo, ("first",)) == ["kind", "lives"]
    assert keys_at(Zoo, ("pets", 0, "dog")) == ["kind", "tricks"]
    assert sorted(set(keys_at(Zoo, ("pets", 0)))) == ["kind", "lives", "tricks"]
    assert keys_at(Zoo, ("name",)) == []
    assert kinds_at(Zoo, ("pets", 3)) == ["cat", "dog"]


def test_a_model_without_a_kind_has_none():
    class Plain(BaseModel):
        kind: str

    assert kinds_at(Plain, ()) == []
