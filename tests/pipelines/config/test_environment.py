import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config.environment import interpolate
from pipelines.config.nodes import plain
from pipelines.config.reading import read_value

ENVIRON = {"USER": "ann", "PASSWORD": "s3cret", "EMPTY": "", "NESTED": "${USER}"}


def fill(text):
    return interpolate(read_value(text, "f"), ENVIRON)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'${USER}'", "ann"),
        ("'db://${USER}:${PASSWORD}@host'", "db://ann:s3cret@host"),
        ("'${NOBODY:-bob}'", "bob"),
        ("'${USER:-bob}'", "ann"),
        ("'${NOBODY:-}'", ""),
        ("'${EMPTY}'", ""),
        ("'${EMPTY:-full}'", "full"),
        ("'$${USER}'", "${USER}"),
        ("'${NESTED}'", "${USER}"),
        ("'$USER'", "$USER"),
        ("'^a$'", "^a$"),
        ("3", 3),
    ],
)
def test_replaces_variables_in_text(text, value):
    result = fill(text)
    assert plain(result.tree) == value
    assert result.problems == []


def test_keys_stay_and_values_inside_are_found():
    result = fill("{'${USER}': ['${USER}', 1]}")
    assert plain(result.tree) == {"${USER}": ["ann", 1]}
    assert result.templates == {("${USER}", 0): "${USER}"}


def test_only_what_came_from_the_environment_is_kept_out_of_sight():
    result = fill("{a: '${USER}', b: '${NOBODY:-bob}', c: plain, d: '$${x}'}")
    assert result.templates == {("a",): "${USER}"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("'${NOBODY}'", "the environment variable NOBODY is not set"),
        ("'a${'", "'${' begins a variable"),
        ("'${}'", "'${' begins a variable"),
        ("'${1X}'", "'${' begins a variable"),
        ("'${USER + 1}'", "'${' begins a variable"),
        ("'${USER:-open'", "'${' begins a variable"),
    ],
)
def test_says_which_variable_is_missing_and_where(text, message):
    (problem,) = fill(f"{{a: {text}}}").problems
    assert message in problem.message
    assert problem.path == ("a",)


def test_finds_all_missing_variables():
    assert len(fill("['${ONE} ${TWO}', '${THREE}']").problems) == 3


@given(st.text().filter(lambda text: "${" not in text))
def test_text_without_a_mark_is_never_touched(text):
    tree = read_value("x", "f")
    same = interpolate(type(tree)(text, tree.place), ENVIRON)
    assert same.tree.value == text
    assert not same.templates
    assert not same.problems
