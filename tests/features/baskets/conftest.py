import gzip

import pytest


@pytest.fixture
def file(tmp_path):
    """Write a file and give its path; a name in .gz is packed."""

    def write(content, name="baskets.txt"):
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


@pytest.fixture
def lists():
    """Give what was read as lists of names."""

    def plain(read):
        names = read.names[read.indices].tolist()
        return [names[a:b] for a, b in zip(read.indptr[:-1], read.indptr[1:], strict=True)]

    return plain
