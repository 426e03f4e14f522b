"""Who and what is kept off a list, and that no list is made without knowing."""

import pandas as pd
import pytest

from lodeworks import DataError
from pipelines.lists.exclusions import Exclusions, notes_on_exclusions, read_exclusions

CUSTOMERS = pd.Index(["ann", "bob", "cyd"])
ITEMS = pd.Index(["A", "B"])


@pytest.fixture
def file(tmp_path):
    def write(name, **columns):
        path, frame = tmp_path / name, pd.DataFrame(columns)
        if path.suffix == ".parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False)
        return path

    return write


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.parquet"])
def test_opt_outs_are_read_from_any_form(file, name):
    path = file(name, customer_id=[" bob ", None, "ann"], since=[1, 2, 3])
    assert read_exclusions(path, []).customers == {"ann", "bob"}


def test_identifiers_keep_their_zeros(file):
    assert read_exclusions(file("out.csv", customer_id=["007"]), []).customers == {"007"}


def test_a_customer_may_be_called_like_a_missing_value(file):
    path = file("out.csv", customer_id=["NA", "null", ""])
    assert read_exclusions(path, []).customers == {"NA", "null"}


@pytest.mark.parametrize("numbers", [[7, 8], [7.0, None, 8.0]])
def test_identifiers_that_are_numbers_in_parquet_are_text(file, numbers):
    assert read_exclusions(file("out.parquet", customer_id=numbers), []).customers == {"7", "8"}


def test_suppression_files_name_customers_items_or_pairs(file):
    found = read_exclusions(
        None,
        [
            file("customers.csv", customer_id=["bob"]),
            file("items.csv", item_id=["B"]),
            file("pairs.csv", item_id=["A", "A"], customer_id=["ann", "cyd"]),
            file("more.parquet", customer_id=["ann"], item_id=["B"]),
        ],
    )
    assert found.customers == {"bob"}
    assert found.items == {"B"}
    assert found.pairs.to_numpy().tolist() == [["ann", "A"], ["cyd", "A"], ["ann", "B"]]


def test_nothing_given_is_nothing_excluded():
    nothing = read_exclusions(None, [])
    assert nothing.eligible(CUSTOMERS).tolist() == [0, 1, 2]
    assert nothing.matrix(CUSTOMERS, ITEMS) is None


@pytest.mark.parametrize("name", ["gone.csv", "gone.parquet"])
def test_a_missing_file_stops_the_list(tmp_path, name):
    with pytest.raises(DataError, match=rf"{name} cannot be read, so no list is made"):
        read_exclusions(tmp_path / name, [])
    with pytest.raises(DataError, match=rf"{name} cannot be read, so no list is made"):
        read_exclusions(None, [tmp_path / name])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("broken.parquet", b"PAR1"),
        ("latin.csv", b"customer_id\n\xff\xfe\n"),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K.-\xc0"),
        ("ragged.csv", b'customer_id\n"a\n'),
    ],
)
def test_a_file_that_cannot_be_read_stops_the_list(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="cannot be read, so no list is made"):
        read_exclusions(tmp_path / name, [])


def test_wrong_columns_are_told_with_those_that_are_there(file):
    path = file("out.csv", client=["ann"], item_id=["A"])
    with pytest.raises(DataError, match=r"out.csv has no column customer_id; it has client, item"):
        read_exclusions(path, [])
    path = file("no.csv", client=["ann"])
    with pytest.raises(DataError, match=r"no.csv has no column customer_id or item_id; it has cli"):
        read_exclusions(None, [path])


def test_excluded_customers_are_not_eligible():
    kept = Exclusions(customers=frozenset({"bob", "zoe"})).with_customers(["cyd"])
    assert kept.eligible(CUSTOMERS).tolist() == [0]


def test_the_matrix_holds_pairs_and_no_strangers():
    pairs = pd.DataFrame({"customer_id": ["ann", "zoe", "cyd"], "item_id": ["A", "A", "Z"]})
    found = Exclusions(items=frozenset({"B", "Z"})).with_pairs(pairs)
    matrix = found.matrix(CUSTOMERS, ITEMS).toarray() > 0
    assert matrix.tolist() == [[True, False], [False, False], [False, False]]
    assert found.barred(ITEMS).tolist() == [1]


def test_a_row_that_names_only_one_of_both_excludes_it_whole(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text("customer_id,item_id\nann,A\nbob,\n,B\n")
    found = read_exclusions(None, [path])
    assert found.customers == {"bob"}
    assert found.items == {"B"}
    assert found.pairs.to_numpy().tolist() == [["ann", "A"]]


def test_an_opt_out_without_an_item_beside_it_counts(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("customer_id,item_id\nann,\nbob,B\n")
    assert read_exclusions(path, []).customers == {"ann", "bob"}


@pytest.mark.parametrize(
    "text", ["customer_id\nann,2020-01-01\n", "customer_id,reason\nann,moved,\n"]
)
def test_rows_longer_than_the_header_are_refused_and_not_shifted(tmp_path, text):
    path = tmp_path / "out.csv"
    path.write_text(text)
    with pytest.raises(DataError, match="cannot be read, so no list is made"):
        read_exclusions(path, [])


def test_identifiers_that_are_known_need_no_note():
    some = Exclusions(frozenset({"ann", "gone"}), frozenset({"A"}))
    assert notes_on_exclusions(some, CUSTOMERS, ITEMS) == []
    assert notes_on_exclusions(Exclusions(), CUSTOMERS, ITEMS) == []


def test_customers_who_are_all_unknown_are_noted_loudly():
    (note,) = notes_on_exclusions(Exclusions(frozenset({"eve", "max"})), CUSTOMERS, ITEMS)
    assert note.startswith("WARNING: none of the 2 customers in the files of exclusions is in the")


@pytest.mark.parametrize(
    ("given", "known", "refused"),
    [
        ("17850", ["17850.0"], True),
        ("17850", ["K17851"], True),
        ("K-17", ["K17"], True),
        ("17850", ["12345"], False),
        ("k17", ["K99"], False),
        ("7", ["12345"], False),
    ],
)
def test_identifiers_that_are_written_otherwise_are_refused(given, known, refused):
    some = Exclusions(frozenset({given}))
    if not refused:
        assert len(notes_on_exclusions(some, known, ITEMS)) == 1
        return
    with pytest.raises(DataError) as told:
        notes_on_exclusions(some, known, ITEMS)
    assert f"nor written like one: {given!r} there, {known[0]!r} in the data" in str(told.value)


def test_items_and_pairs_are_held_against_the_data_too():
    pairs = pd.DataFrame({"customer_id": ["ann"], "item_id": ["99"]})
    with pytest.raises(DataError, match="might name what must not be on it") as told:
        notes_on_exclusions(Exclusions(items=frozenset({"98"}), pairs=pairs), CUSTOMERS, ITEMS)
    assert "none of the 2 items" in str(told.value)
    assert "customers" not in str(told.value)
