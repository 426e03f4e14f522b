import pytest

from pipelines.config.files import with_whole_paths
from pipelines.config.nodes import Node, Place, plain


def tree(path, place):
    stated = Node(path, place)
    source = Node({"kind": Node("csv", place), "path": stated}, place)
    policy = Node({"opt_out": stated, "suppress": Node([stated, stated], place)}, place)
    return Node({"sources": Node([source], place), "policy": policy}, place)


def whole(path, place):
    found = plain(with_whole_paths(tree(path, place)))
    paths = {found["sources"][0]["path"], found["policy"]["opt_out"], *found["policy"]["suppress"]}
    assert len(paths) == 1
    assert found["sources"][0]["kind"] == "csv"
    return paths.pop()


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("a.csv", "/conf/a.csv"),
        ("../a.csv", "/a.csv"),
        ("./b/../a.csv", "/conf/a.csv"),
        ("/data/a.csv", "/data/a.csv"),
        ("s3://bucket/a.csv", "s3://bucket/a.csv"),
        ("", ""),
        (None, None),
        (3, 3),
    ],
)
def test_a_path_counts_from_the_folder_of_its_file(stated, expected):
    assert whole(stated, Place("/conf/x.yaml", 3)) == expected


def test_a_path_from_the_command_line_counts_from_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert whole("a.csv", Place("--set sources.0.path")) == str(tmp_path / "a.csv")


@pytest.mark.parametrize("odd", [{}, [], None, 3, "text"])
def test_sections_of_another_form_are_left_alone(odd):
    place = Place("/conf/x.yaml", 1)
    node = Node({"sources": Node(odd, place), "policy": Node(odd, place)}, place)
    assert plain(with_whole_paths(node)) == {"sources": odd, "policy": odd}
