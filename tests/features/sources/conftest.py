"""What the tests of the kinds share: reading, judging, and a PostgreSQL server of their own."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from pydantic import TypeAdapter

from features.sources import Source, open_reading
from features.sources.contract import checked_query
from lodeworks.errors import DataError


@dataclass
class Judged:
    reading: object
    good: list[dict]
    bad: list[tuple[int, str, str]]

    @property
    def accounted(self):
        return len(self.good) + len(self.bad) == self.reading.rows


@pytest.fixture
def declare():
    """Make a source of any kind from what a configuration says."""
    adapter = TypeAdapter(Source)

    def make(kind, **given):
        return adapter.validate_python({"kind": kind, **given})

    return make


def read_rows(source):
    reading = open_reading(source)
    connection = duckdb.connect(config={"memory_limit": "500MB"})
    try:
        rows = connection.execute(reading.relation(connection)).fetchall()
    except duckdb.Error:
        if reading.failure is None:
            raise
        raise reading.failure from None
    finally:
        connection.close()
    return reading, rows


@pytest.fixture
def read():
    """Read a source: the reading, and its rows as they stand."""
    return read_rows


@pytest.fixture
def refusal():
    """Read a source that must be refused, and give the message."""

    def say(source):
        with pytest.raises(DataError) as caught:
            read_rows(source)
        return str(caught.value)

    return say


@pytest.fixture
def judge():
    """Read a source and apply its contract: the reading, good rows, and bad ones with reasons."""

    def go(source, zone=None):
        reading = open_reading(source)
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        raw = reading.relation(connection)
        query = checked_query(source, reading.names, reading.types, raw, zone)
        connection.execute(f"CREATE TABLE checked AS {query}")
        columns = ", ".join(f'"{name}"' for name in source.columns)
        found = connection.execute(
            f"SELECT line, {columns} FROM checked WHERE rule IS NULL ORDER BY line"
        )
        names = [name for name, *_ in found.description]
        good = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        bad = connection.execute(
            "SELECT line, rule, detail FROM checked WHERE rule IS NOT NULL ORDER BY line"
        ).fetchall()
        bad += [(row.line, row.rule, row.reason) for row in reading.malformed]
        connection.close()
        return Judged(reading, good, bad)

    return go


@dataclass
class Postgres:
    port: int
    password: str

    def url(self, user="shop", password=None, database="postgres", port=None):
        word = self.password if password is None else password
        return f"postgresql://{user}:{word}@127.0.0.1:{port or self.port}/{database}"

    def run(self, *statements):
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


def _programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    for folder in [*reversed(found), *map(Path, os.environ.get("PATH", "").split(os.pathsep))]:
        if (folder / "initdb").is_file() and (folder / "pg_ctl").is_file():
            return folder
    pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")


def _as_somebody(folder):
    """PostgreSQL does not run as root: give the folder, and the words to run as its owner."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres'")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["runuser", "-u", "postgres", "--"]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server on loopback that lives as long as the tests."""
    pytest.importorskip("psycopg", reason="the extra 'sql' is not installed")
    programs, folder = _programs(), Path(tempfile.mkdtemp(prefix="lode-postgres-"))
    prefix = _as_somebody(folder)
    server = Postgres(_free_port(), secrets.token_hex(12))

    def call(program, *words):
        command = [*prefix, str(programs / program), "-D", str(folder / "data"), *words]
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    word = folder / "word"
    word.write_text(server.password)
    word.chmod(0o644)
    options = f"-p {server.port} -h 127.0.0.1 -k {folder} -c fsync=off"
    try:
        call("initdb", "-U", "shop", "-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8",
             "--locale=C")  # fmt: skip
        call("pg_ctl", "-w", "-s", "-l", str(folder / "log"), "-o", options, "start")
        yield server
        call("pg_ctl", "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
