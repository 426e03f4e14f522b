from datetime import date

import pytest

from lodeworks import ConfigError
from pipelines.config.nodes import Place, descend, dotted, plain, walk
from pipelines.config.reading import MAX_BYTES, read_file, read_value


def read(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_file(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("007", "007"),
        ("0", 0),
        ("-12", -12),
        ("0x1f", 31),
        ("0o17", 15),
        ("1e5", 100000.0),
        ("-1.5E-3", -0.0015),
        (".5", 0.5),
        ("3.", 3.0),
        ("-.inf", float("-inf")),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2011-11-08", date(2011, 11, 8)),
        ("2011-02-30", "2011-02-30"),
        ("2011-11-08 10:00", "2011-11-08 10:00"),
        ("'7'", "7"),
        ("!!str 7", "7"),
        ("[1, a, {b: c}]", [1, "a", {"b": "c"}]),
        ("{1: x, null: y, true: z}", {"1": "x", "null": "y", "true": "z"}),
    ],
)
def test_reads_the_plain_form_of_yaml(text, value):
    found = plain(read_value(text, "here"))
    assert found == value
    assert type(found) is type(value)


def test_every_value_knows_its_line(tmp_path):
    tree = read(tmp_path, "a: 1\nb:\n  - x\n  - y: 2\n    z:\n      3\n")
    lines = {dotted(path): node.place.line for path, node in walk(tree)}
    expected = {"": 1, "a": 1, "b": 2, "b[0]": 3, "b[1]": 4, "b[1].y": 4, "b[1].z": 5}
    assert lines == expected


def test_descend_stops_at_the_last_value_that_exists(tmp_path):
    tree = read(tmp_path, "a:\n  b: [1]\n")
    assert descend(tree, ("a", "b", 0)).value == 1
    assert descend(tree, ("a", "b", 5)).place == Place(str(tmp_path / "a.yaml"), 2)
    assert descend(tree, ("x",)) is tree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2", "a.yaml:2: not YAML: while parsing a flow sequence"),
        ("a: 1\na: 2", "a.yaml:2: key 'a' is stated twice (first on line 1)"),
        ("a: 1\nb: !!python/name:os.system", "a.yaml:2: tag '!!python/name:os.system' is not"),
        ("a: !!set {b}", "tag '!!set' is not allowed"),
        ("a: !mine 3", "tag '!mine' is not allowed"),
        ("a: !!int x", "a.yaml:1: 'x' is not a usable int"),
        ("[a]: 1", "a key must be a single name"),
        ("a: &x [*x]", "an alias contains itself"),
        ("a: *nowhere", "found undefined alias"),
        ("<<: 3", "'<<' takes a mapping or a list of mappings"),
        ("a: \x00", "a.yaml: not YAML"),
        (b"a: \xff\xfe", "not UTF-8 text (byte 3)"),
        ("", "the file is empty"),
        ("# only words\n", "the file is empty"),
        ("null", "the file is empty"),
        ("- a", "the file holds a list"),
        ("text", "the file holds a single value"),
        ("[" * 5000, "nested too deep; at most 50 levels"),
        ("a: " + "[" * 60 + "]" * 60, "nested too deep; at most 50 levels"),
        ("a: " + "9" * 5000, "is not a usable int"),
        ("x" * (MAX_BYTES + 1), "this is no configuration file"),
    ],
)
def test_refuses_what_is_no_configuration(tmp_path, text, message):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


def test_aliases_that_grow_without_end_are_stopped(tmp_path):
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(ConfigError, match="aliases grow to more than 100,000 values"):
        read(tmp_path, "\n".join(["l0: &l0 [x]", *levels]))


def test_merge_keys_fill_in_what_is_not_stated(tmp_path):
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\n"
    assert plain(read(tmp_path, text))["c"] == {"x": 1, "y": 1, "z": 3}


@pytest.mark.parametrize("name", ["missing.yaml", "folder", "bad\0name"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match=r"cannot be read: \w+"):
        read_file(tmp_path / name)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    assert plain(read(tmp_path, b"\xef\xbb\xbfkind: x\n")) == {"kind": "x"}
