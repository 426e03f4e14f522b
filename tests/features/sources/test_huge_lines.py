"""A line of two GiB in a file of two MiB: refused by every kind of text before it fills memory."""

import gzip
import resource
import time

import pytest

PIECE = 32 << 20
LINES = {"customer_id": "c", "item_id": "i", "ordered_at": "t"}
KINDS = {
    "csv": (b"c,i,t\na,tea,2011-01-01\na,", {"columns": LINES}),
    "json": (b'{"c": "', {"columns": LINES}),
    "access_log": (
        b'10.0.0.1 - - [17/May/2015:10:05:03 +0200] "GET / HTTP/1.1" 200 1\n',
        {"table": "own:hits", "columns": {"host": "host"}},
    ),
    "baskets": (b"1 2 3\n", {"day": "2024-05-31"}),
    "spmf_utility": (b"1 2:3:1 2\n", {"day": "2024-05-31"}),
}


@pytest.fixture(scope="module")
def endless():
    """Give 2 GiB of one letter as members of a gzip file, each packed once."""
    return gzip.compress(b"a" * PIECE, compresslevel=9) * ((2 << 30) // PIECE)


@pytest.mark.parametrize("kind", KINDS)
def test_two_gibibytes_of_one_line_are_refused(endless, declare, refusal, tmp_path, kind):
    start, more = KINDS[kind]
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(start) + endless)
    assert path.stat().st_size < 4 << 20
    source = declare(kind, path=str(path), **more)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert "longer than" in refusal(source)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600 << 10  # KiB
    assert time.process_time() - began < 60  # all of it would take longer by far
