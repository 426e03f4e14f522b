import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features import packed
from features.packed import check_packed, check_parquet, is_packed, open_packed, open_text
from lodeworks.errors import DataError


@given(st.binary(max_size=300), st.booleans(), st.integers(1, 50))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_all_bytes_come_through(tmp_path, content, is_gzipped, size):
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(content) if is_gzipped else b"." + content)
    assert is_packed(path) is is_gzipped
    with open_text(path) as file:
        found = b"".join(iter(lambda: file.read(size), b""))
    assert found == (content if is_gzipped else b"." + content)


@pytest.mark.parametrize(("longest", "fits"), [(10, True), (9, False)])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_the_longest_line_is_read_and_a_longer_one_is_not(
    tmp_path, monkeypatch, longest, fits, end
):
    monkeypatch.setattr(packed, "LONGEST_LINE", longest)
    monkeypatch.setattr(packed, "_BLOCK", 4)
    path = tmp_path / "file"
    path.write_bytes(b"ab\n" + b"x" * 10 + end)
    with open_text(path) as file:
        if fits:
            assert file.read().split() == [b"ab", b"x" * 10]
        else:
            with pytest.raises(DataError, match="line 2 is longer than"):
                file.read()


def test_a_file_may_grow_as_far_as_is_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "_FREE", 1000)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(b"a\n" * 50_000))
    monkeypatch.setattr(packed, "HIGHEST_RATIO", 10_000)
    check_packed(path)
    monkeypatch.setattr(packed, "HIGHEST_RATIO", 100)
    with pytest.raises(DataError, match="grows more than 100 times"):
        check_packed(path)


def test_a_small_file_may_grow_as_it_likes(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "HIGHEST_RATIO", 1)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(b"a\n" * 50_000))
    with open_packed(path) as file:
        assert len(file.read()) == 100_000
    pq.write_table(pa.table({"n": [1] * 1000}), tmp_path / "n.parquet")
    check_parquet(tmp_path / "n.parquet")


def test_a_damaged_parquet_file_is_left_to_its_reader(tmp_path):
    (tmp_path / "n.parquet").write_bytes(b"PAR1 nothing")
    check_parquet(tmp_path / "n.parquet")
    with pytest.raises(pa.ArrowInvalid):
        pq.read_metadata(tmp_path / "n.parquet")
