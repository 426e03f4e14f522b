"""A workspace with a customer in every corner of it, made without running a job."""

import json
import shutil
import sqlite3
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest

from features.sources import CsvSource
from features.warehouse import Warehouse
from lodeworks.files import file_digest
from pipelines.forgetting import forget

KEY = "0123456789abcdef0123456789abcdef"

LINES = "customer_id,order_id,item_id,ordered_at,quantity,price\n" + "".join(
    f"C{100 + i % 5},O{i},P{i % 3},2024-01-{1 + i // 2:02d} {i % 24:02d}:00:00,1,{10 + i}\n"
    for i in range(40)
)
REJECTED = """C101,O90,P1,2024-01-05 00:00:00,-1,5
C1010,O91,P1,never,1,5
C102,"for C101, a gift",P1,never,1,5
C101,O93,P1
"""
CUSTOMERS = "customer_id,region\n" + "".join(f"C{100 + i},north\n" for i in range(5))
MOVED = "customer_id,region\nC101,south\nC102,south\n"
SESSIONS = """session_id,visitor_id,customer_id,started_at
s1,v1,C101,2024-01-01 00:00:00
s2,v1,,2024-01-02 00:00:00
s3,v2,,2024-01-02 00:00:00
s4,v3,C101,2024-01-02 00:00:00
s5,v3,,2024-01-02 00:00:00
s6,v3,C102,2024-01-02 00:00:00
"""
HOUSEHOLDS = "head,Customer ID\nann,C101\nbob,C102\n"


def sources_in(folder):
    """Write the files of the shop and declare them."""

    def source(name, text, **more):
        path = folder / f"{name}.csv"
        path.write_text(text)
        header = text.split("\n")[0].split(",")
        columns = {column.lower().replace(" ", "_"): column for column in header}
        return CsvSource(path=str(path), columns=columns, **more)

    low = {"column": "quantity", "above": 0, "reason": "quantity is too low"}
    return [
        source("sales", LINES + REJECTED, rules=[low]),
        source("people", CUSTOMERS, table="customers"),
        source("moved", MOVED, table="customers", effective="2024-01-10"),
        source("visits", SESSIONS, table="sessions"),
        source("homes", HOUSEHOLDS, table="own:households"),
    ]


def make_workspace(root, sources):
    root.mkdir()
    with Warehouse.open(root / "warehouse.duckdb") as warehouse:
        warehouse.load(sources)
    run = root / "runs" / "20240301-shop"
    run.mkdir(parents=True)
    rows = pd.DataFrame(
        {
            "customer_id": ["C101", "C101", "C102", "C103"],
            "item_id": ["P1", "P2", "P1", "P0"],
            "group": ["target", "target", "target", "control"],
        }
    )
    rows.to_parquet(run / "list.parquet", index=False)
    counts = {"rows": 4, "target_customers": 2, "control_customers": 1}
    manifest = {"list_sha256": file_digest(run / "list.parquet"), "list": counts, "note": "as is"}
    (run / "manifest.json").write_text(json.dumps(manifest))
    (run / "report.html").write_text("<p>best customer: C101, then C1011</p>")
    rows.to_csv(root / "runs" / "other.csv", index=False)
    snapshot = root / "cache" / "transform" / "snapshot-1"
    snapshot.mkdir(parents=True)
    rows.set_index("customer_id").to_parquet(snapshot / "customers.parquet")
    bundle = root / "cache" / "act" / "bundle-1"
    bundle.mkdir(parents=True)
    (bundle / "meta.json").write_text("{}")
    notes = root / "artifacts" / "r1"
    notes.mkdir(parents=True)
    (notes / "sample.json").write_text(json.dumps({"who": ["C101", "C102"], "C101": 5}))
    database = sqlite3.connect(root / "mlflow.db")
    database.execute("CREATE TABLE params (key TEXT, value TEXT)")
    database.execute("INSERT INTO params VALUES ('example', 'customer C101 of shop')")
    database.commit()
    database.close()
    return root


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """Make the workspace once; tests get copies."""
    folder = tmp_path_factory.mktemp("forgetting")
    sources = sources_in(folder)
    return SimpleNamespace(root=make_workspace(folder / "ws", sources), sources=sources)


def copy_of(template, folder):
    shutil.copytree(template.root, folder / "ws")
    return SimpleNamespace(root=folder / "ws", sources=template.sources)


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("LODE_PSEUDONYM_KEY", KEY)


@pytest.fixture
def place(tmp_path, template):
    """Give a workspace that a test may change."""
    return copy_of(template, tmp_path)


@pytest.fixture(scope="module")
def done(template, tmp_path_factory):
    """Forget one customer once, for the tests that only look at what is left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LODE_PSEUDONYM_KEY", KEY)
        place = copy_of(template, tmp_path_factory.mktemp("done"))
        place.certificate = forget(place.root, "C101", reason="asked for it")
    return place


@pytest.fixture
def ask():
    """Ask the warehouse of a workspace."""

    def asked(place, query):
        with duckdb.connect(str(place.root / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    return asked
