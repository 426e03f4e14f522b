"""Who may sign in and do what."""

import pytest
import yaml

from app.people import Person, Role, digest_of, new_token, read_people
from lodeworks.errors import ConfigError

DIGEST = digest_of("a token of somebody")


def written(tmp_path, content):
    path = tmp_path / "people.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def entry(**changes):
    return {"name": "anna", "role": "owner", "token_sha256": DIGEST, **changes}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, [True, False, False]),
        (Role.ANALYST, [True, True, False]),
        (Role.OWNER, [True, True, True]),
    ],
)
def test_each_role_includes_the_ones_before(role, may):
    assert [Person("x", role).may(needed) for needed in Role] == may


def test_a_person_knows_their_own_token_only():
    anna = Person("anna", Role.OWNER, DIGEST)
    assert anna.knows("a token of somebody")
    assert not anna.knows("a token of somebody ")
    assert not anna.knows("")


def test_who_has_no_token_is_known_by_none():
    assert not Person("you", Role.OWNER).knows("")


def test_tokens_are_long_and_never_the_same():
    tokens = {new_token() for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 43


def test_people_are_read(tmp_path):
    bert = entry(name="bert", role="viewer", token_sha256=digest_of("another").upper())
    anna, other = read_people(written(tmp_path, [entry(), bert]))
    assert (anna.name, anna.role, anna.knows("a token of somebody")) == ("anna", Role.OWNER, True)
    assert (other.name, other.role, other.knows("another")) == ("bert", Role.VIEWER, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "cannot be read"),
        ("just text", "must be a list of people"),
        ([], "must be a list of people"),
    ],
)
def test_what_is_no_list_of_people_is_refused(tmp_path, content, said):
    with pytest.raises(ConfigError, match=said):
        read_people(written(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_people(tmp_path / "nobody.yaml")


def test_all_problems_are_told_at_once_and_no_token(tmp_path):
    wrong = [
        entry(role="boss"),
        entry(name="anna", token_sha256="secret-token"),
        {"name": "carl", "role": "viewer"},
        entry(name=" ", rolle="x"),
        "dora",
    ]
    with pytest.raises(ConfigError) as caught:
        read_people(written(tmp_path, wrong))
    told = "\n".join(caught.value.problems)
    for part in (
        "entry 1: ",
        "analyst",
        "entry 2: token_sha256 must be 64 hexadecimal digits",
        "entry 3 lacks token_sha256",
        "entry 4: name must be text",
        "entry 4: unknown key 'rolle'; did you mean 'role'",
        "entry 5 must have",
        "'anna' stands there twice",
    ):
        assert part in told
    assert "secret-token" not in told
