import gzip

import pytest

from lodeworks.errors import DataError
from pipelines.mining.taxonomy import check_items, read_taxonomy

PARENTS = "item,parent\nale,beer\nstout,beer\nbeer,drinks\ntea,drinks\n"
LEVELS = "name;kind;hall\nale;beer;drinks\nbeer;beer;drinks\ncrisps;snacks;food\n"


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "tax.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_items_and_parents(file, pack):
    levels = read_taxonomy(file(pack(PARENTS)))
    assert levels.taxonomy.ancestors("ale") == ("beer", "drinks")
    assert (levels.names, levels.depth) == ((), 3)
    assert [levels.number_of(name) for name in ("1", "3", "4", "0", "beer", "²")] == [
        1,
        3,
        None,
        None,
        None,
        None,
    ]


def test_items_and_their_groups(file):
    """An item may have the name of its group."""
    levels = read_taxonomy(file(LEVELS))
    assert levels.taxonomy.ancestors("beer") == ("kind: beer", "hall: drinks")
    assert (levels.names, levels.depth) == (("hall", "kind", "name"), 3)
    assert [levels.number_of(name) for name in ("hall", "name", "2", "shop")] == [1, 3, 2, None]


def test_lines_may_come_twice_in_any_order_with_blanks_between(file):
    lines = PARENTS.splitlines()
    text = "\n\n".join([lines[0], *reversed(lines[1:]), " ale , beer ", ""])
    taxonomy = read_taxonomy(file(text)).taxonomy
    assert taxonomy.parents == read_taxonomy(file(PARENTS)).taxonomy.parents


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("item,parent\nale,beer\nbeer,ale\n", ["the taxonomy has a cycle: 'ale' -> 'beer' -> 'a"]),
        ("item,parent\nale,ale\n", ["the taxonomy has a cycle: 'ale' -> 'ale'"]),
        (
            "item,parent\nale,beer\nale\nale,wine\n,beer\nstout,\n",
            [
                "line 3: 1 fields in the place of 2",
                "line 5: 'item' is empty",
                "line 6: 'parent' is empty",
                "line 4: 'ale' has the parent 'wine', but 'beer' in line 2",
            ],
        ),
        (
            "name,kind,hall\nale,beer,drinks\nstout,beer,food\n",
            ["line 3: 'kind: beer' has the parent 'hall: food', but 'hall: drinks' in line 2"],
        ),
        ("ale\nstout\n", ["its first line must name two columns or more"]),
        ("a,a\nx,y\n", ["its first line must name two columns or more"]),
        ("", ["is empty"]),
        (b"item,parent\n\xff,beer\n", ["line 2: not UTF-8"]),
        (b"PK\x03\x04\0", ["a zero byte; the file is not text"]),
    ],
)
def test_what_is_no_taxonomy(file, text, problems):
    path = file(text)
    with pytest.raises(DataError) as caught:
        read_taxonomy(path)
    assert caught.value.message.startswith(str(path))
    told = caught.value.problems or (caught.value.message,)
    assert len(told) == len(problems)
    assert all(part in line for part, line in zip(problems, told, strict=True))


def test_no_more_than_ten_faults_are_listed(file):
    text = "item,parent\n" + "x,\n" * 30
    with pytest.raises(DataError) as caught:
        read_taxonomy(file(text))
    assert len(caught.value.problems) == 11
    assert caught.value.problems[-1] == "and 20 more"


def test_unknown_items_are_listed_with_the_nearest(file):
    path = file(PARENTS)
    levels = read_taxonomy(path)
    check_items(path, levels, ["ale", "stout", "beer"])
    with pytest.raises(DataError) as caught:
        check_items(path, levels, ["ale", "stot", "xyzzy", *map(str, range(12))])
    assert caught.value.message == (
        f"{path}: 14 of the 15 items in the baskets are not in the taxonomy"
    )
    assert caught.value.problems[:2] == ("'stot'; did you mean 'stout'?", "'xyzzy'")
    assert caught.value.problems[-1] == "and 4 more"
    assert len(caught.value.problems) == 11
