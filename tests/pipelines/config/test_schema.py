import json
from pathlib import Path

import pytest

from pipelines.config import reference, schema
from pipelines.config.candidates import parameters, registry
from pipelines.config.docstrings import described

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "config.md"


def keys(part, path=""):
    for key, value in part.get("properties", {}).items():
        yield f"{path}.{key}", value
    for name, below in part.get("$defs", {}).items():
        yield from keys(below, name)


def test_every_key_has_a_title_and_a_description():
    bare = [path for path, value in keys(schema()) if not value.get("description")]
    assert bare == []
    assert all(value["title"] == path.rpartition(".")[2] for path, value in keys(schema()))


def test_every_section_says_what_it_is_and_takes_no_unknown_key():
    whole = schema()
    for part in (whole, *whole["$defs"].values()):
        assert part["description"].endswith(".")
        assert part["additionalProperties"] is False


def test_the_schema_is_json():
    assert json.loads(json.dumps(schema(), allow_nan=False)) == schema()


def test_parameters_of_every_kind_are_listed():
    branches = schema()["$defs"]["Candidate"]["allOf"]
    listed = {
        branch["if"]["properties"]["kind"]["const"]: branch["then"]["properties"]["params"]
        for branch in branches
    }
    assert list(listed) == list(registry())
    for kind, params in listed.items():
        assert list(params["properties"]) == list(parameters(kind))
        bare = [name for name, value in params["properties"].items() if not value["description"]]
        assert bare == [], f"{kind}: the docstring does not describe {bare}"


def test_the_reference_names_every_key_in_the_order_of_the_file():
    text = reference()
    for path, _ in keys(schema()):
        assert f"| `{path.rpartition('.')[2]}` |" in text
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings.index("## Window") < headings.index("## Policy") < headings.index("## Act")
    assert len(headings) == len(set(headings))


def test_every_row_of_the_reference_has_four_cells():
    rows = [line for line in reference().splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") == 5 for line in rows)


@pytest.mark.skipif(not PAGE.parent.is_dir(), reason="the documentation is not part of a wheel")
def test_the_page_in_the_documentation_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == reference(), "run lode schema --markdown"


def test_docstrings_are_read_with_their_bases_and_shared_entries():
    class Base:
        """Base.

        Attributes
        ----------
        a, b : int
            Both.
        """

    class Child(Base):
        """Child.

        Parameters
        ----------
        b
            Its own,
            on two lines.
        c : {'x', 'y'}, default 'x'
            Last.

        Notes
        -----
        d : no
            Not this.
        """

    assert described(Child) == {"a": "Both.", "b": "Its own, on two lines.", "c": "Last."}
