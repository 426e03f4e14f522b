"""A workbench that somebody left open is in nobody's way."""

import http.client
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from features.sources import CsvSource
from features.warehouse import Warehouse

COLUMNS = ("customer_id", "order_id", "item_id", "ordered_at", "quantity", "price")


@pytest.fixture
def served(workspace):
    """Start the workbench as people do, in a process of its own."""
    words = [sys.executable, "-m", "pipelines.cli", "ui", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [*words, "--workspace", str(workspace), "--role", "owner"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    told = process.stdout.readline()
    yield process.pid, re.search(r"http://\S+", told).group(0)
    process.terminate()
    process.communicate()


def page(address, path):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def held(pid, name):
    """Give the files of that name that a process has open."""
    links = [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir() if one.is_symlink()]
    return [link for link in links if name in link]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc to look into")
def test_a_load_goes_on_beside_an_open_workbench(served, workspace, tmp_path):
    pid, address = served
    paths = ("/explore", "/data", "/customer?id=K1000001", "/data/tables/lines")
    assert [page(address, path)[0] for path in paths] == [200] * 4
    assert held(pid, "warehouse.duckdb") == []
    lines = tmp_path / "lines.csv"
    rows = [f"K{n},O{n},P1,2024-01-01 00:00:00,1,12345" for n in range(6)]
    lines.write_text("\n".join([",".join(COLUMNS), *rows]))
    source = CsvSource(path=str(lines), columns={name: name for name in COLUMNS})
    with Warehouse.open(workspace / "warehouse.duckdb") as warehouse:
        assert warehouse.load([source]).to_dict()["rows_loaded"] == 6
    status, text = page(address, "/explore")
    assert status == 200
    assert "74,070" in text
    assert held(pid, "warehouse.duckdb") == []
