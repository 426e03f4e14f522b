import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeworks import ConfigError
from pipelines.config.bases import merge, read_with_bases
from pipelines.config.nodes import Node, Place, descend, plain


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / "top.yaml"


def test_mappings_merge_and_everything_else_replaces(tmp_path):
    top = write(
        tmp_path,
        base="a: {x: 1, y: {p: 1, q: 1}}\nlist: [1, 2, 3]\nkept: 5\n",
        top="extends: base.yaml\na: {y: {q: 2}}\nlist: [9]\n",
    )
    merged = plain(read_with_bases(top))
    assert merged == {"a": {"x": 1, "y": {"p": 1, "q": 2}}, "list": [9], "kept": 5}


def test_every_value_keeps_the_file_it_came_from(tmp_path):
    top = write(tmp_path, base="\na:\n  x: 1\n  y: 1\n", top="extends: base.yaml\na:\n  y: 2\n")
    tree = read_with_bases(top)
    assert descend(tree, ("a", "x")).place == Place(str(tmp_path / "base.yaml"), 3)
    assert descend(tree, ("a", "y")).place == Place(str(top), 3)


def test_later_bases_win_and_a_diamond_is_no_circle(tmp_path):
    top = write(
        tmp_path,
        root="a: 0\nb: 0\nc: 0\n",
        left="extends: root.yaml\na: left\nb: left\n",
        right="extends: root.yaml\nb: right\n",
        top="extends: [left.yaml, right.yaml]\n",
    )
    assert plain(read_with_bases(top)) == {"a": 0, "b": "right", "c": 0}


def test_names_are_relative_to_the_file_that_states_them(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.yaml").write_text("extends: c.yaml\n")
    (tmp_path / "deep" / "c.yaml").write_text("found: true\n")
    top = write(tmp_path, top="extends: deep/b.yaml\n")
    assert plain(read_with_bases(top)) == {"found": True}


def test_a_circle_is_drawn(tmp_path):
    top = write(tmp_path, a="extends: b.yaml", b="extends: ./a.yaml", top="extends: a.yaml")
    with pytest.raises(ConfigError, match=r"circle: a.yaml -> b.yaml -> a.yaml"):
        read_with_bases(top)


def test_files_that_multiply_are_stopped(tmp_path):
    files = {f"f{n}": f"extends: [f{n + 1}.yaml, f{n + 1}.yaml]" for n in range(20)}
    top = write(tmp_path, **files, f20="a: 1", top="extends: f0.yaml")
    with pytest.raises(ConfigError, match="more than 100 files"):
        read_with_bases(top)


@pytest.mark.parametrize("extends", ["3", "{a: b}", "[[a]]", "[null]"])
def test_extends_takes_names_only(tmp_path, extends):
    with pytest.raises(ConfigError, match=r"top.yaml:1: extends: give a file name or a list"):
        read_with_bases(write(tmp_path, top=f"extends: {extends}"))


def test_a_missing_base_is_named_with_the_nearest(tmp_path):
    top = write(tmp_path, common="a: 1", top="b: 1\nextends: comon.yaml")
    with pytest.raises(ConfigError, match=r"top.yaml:2: .*did you mean 'common.yaml'"):
        read_with_bases(top)


def node(value):
    here = Place("f", 1)
    if isinstance(value, dict):
        return Node({key: node(below) for key, below in value.items()}, here)
    return Node([node(below) for below in value] if isinstance(value, list) else value, here)


trees = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=2),
    lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=8,
)


@given(trees, trees)
def test_merging_with_itself_or_nothing_changes_nothing(a, b):
    assert plain(merge(node(a), node(a))) == a
    if isinstance(a, dict):
        assert plain(merge(node(a), node({}))) == a
        assert plain(merge(node({}), node(a))) == a
    once = merge(node(a), node(b))
    assert plain(merge(once, node(b))) == plain(once)
