import string

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks import ConfigError
from pipelines.config import load, resolved, schema

WHOLE = schema()
KEYS = sorted(
    {key for part in (WHOLE, *WHOLE["$defs"].values()) for key in part["properties"]}
    | {"csv", "popularity", "days", "low", "<<"}
)
WORDS = ["cross-sell", "csv", "parquet", "lines", "popularity", "latest", "30d", "${X}", "${", "a"]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**12)
    | st.floats()
    | st.dates()
    | st.sampled_from(WORDS)
    | st.text(max_size=5)
)
trees = st.recursive(
    scalars,
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), below, max_size=4)
    ),
    max_leaves=12,
)
sections = st.dictionaries(st.sampled_from(sorted(WHOLE["properties"])), trees, max_size=6)
VALID = {
    "kind": "cross-sell",
    "name": "x",
    "sources": [
        {
            "kind": "csv",
            "path": "l.csv",
            "columns": {"customer_id": "c", "item_id": "i", "ordered_at": "t"},
        }
    ],
}
calm = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def loads_or_says_why(path, overrides=()):
    try:
        said = resolved(load(path, overrides, environ={"X": "from outside"}))
    except ConfigError as error:
        said = str(error)
    assert said.strip()
    assert "from outside" not in said


@calm
@given(tree=sections)
def test_any_tree_loads_or_is_refused_in_words(tree, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump({**VALID, **tree}, allow_unicode=True), encoding="utf-8")
    loads_or_says_why(path)


@calm
@given(text=st.text(string.printable, max_size=60) | st.binary(max_size=60))
def test_any_file_loads_or_is_refused_in_words(text, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    loads_or_says_why(path)


@calm
@given(
    path=st.lists(st.sampled_from(KEYS) | st.integers(0, 3), min_size=1, max_size=4),
    value=st.text(string.printable, max_size=12),
)
def test_any_change_is_made_or_refused_in_words(path, value, tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(yaml.safe_dump(VALID))
    loads_or_says_why(file, [f"{'.'.join(map(str, path))}={value}"])
