import gzip

import pytest

from features.web import WebUsage

PERSON = "Mozilla/5.0 (X11; Linux x86_64) Firefox/27.0"


def write_line(
    host="10.0.0.1",
    at="17/May/2015:10:00:00 +0000",
    path="/",
    *,
    user="-",
    method="GET",
    status=200,
    referrer="-",
    agent=PERSON,
):
    """Write a line of a combined log."""
    request = f"{method} {path} HTTP/1.1"
    return f'{host} - {user} [{at}] "{request}" {status} 512 "{referrer}" "{agent}"'


@pytest.fixture
def line():
    """Give what writes a line."""
    return write_line


@pytest.fixture
def log(tmp_path):
    """Write lines to a log and give its path."""

    def write(*lines, name="access.log", packed=False):
        path = tmp_path / (f"{name}.gz" if packed else name)
        content = "".join(f"{one}\n" for one in lines).encode()
        path.write_bytes(gzip.compress(content) if packed else content)
        return path

    return write


@pytest.fixture
def usage(log):
    """Work up a log of these lines."""
    opened = []

    def work_up(*lines, **options):
        context = WebUsage.open([log(*lines)], **options)
        opened.append(context)
        return context.__enter__()

    yield work_up
    for context in opened:
        context.__exit__(None, None, None)
