import gzip

import pytest

from features.catalog import open_read_only
from features.sources import CsvSource
from features.warehouse import Warehouse

COLUMNS = {
    "customer_id": "customer",
    "order_id": "order",
    "item_id": "item",
    "ordered_at": "when",
    "quantity": "pieces",
    "price": "price",
}
HEADER = "customer,order,item,when,pieces,price"


@pytest.fixture
def csv_source(tmp_path):
    """Write lines of text under the usual header and declare them as a source of `lines`."""

    def make(*rows, first=HEADER, name="sales", text=None, columns=COLUMNS, packed=False, **more):
        path = tmp_path / (f"{name}.csv.gz" if packed else f"{name}.csv")
        text = "".join(f"{row}\n" for row in (first, *rows)) if text is None else text
        content = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(content) if packed else content)
        return CsvSource(path=str(path), columns=columns, **more)

    return make


@pytest.fixture
def loaded(csv_source):
    """Load lines given as text into a warehouse in memory."""
    opened = []

    def load(*rows, extra=(), **more):
        warehouse = Warehouse.open(None)
        opened.append(warehouse)
        warehouse.load([csv_source(*rows, **more), *extra])
        return warehouse

    yield load
    for warehouse in opened:
        warehouse.close()


# A warehouse with known faults.
FAULTY_LINES = """who,order,what,when,pieces,price,total
c1,o1,i1,2024-01-01,1,2.00,2.00
c1,o1,i2,2024-01-02,2,3.00,6.01
c2,o1,i9,2024-01-03,1,3.00,3.50
c3,o2,i1,2099-01-01,1,,1.00
c9,o3,i1,never,1,1.00,1.00
c9,o3,i1,2024-01-04,-1,1.00,1.00
"""
FAULTY_ITEMS = "what,name,code\ni1,pen,A\ni2,  ink ,A\ni3,,\n"
FAULTY_PEOPLE = "who,mail,town\nc1,ann@example.org,Bonn\nc2,bob@example.org,\nc3,,\n"


def faulty_sources(folder):
    def source(name, text, table, columns, **more):
        path = folder / f"{name}.csv"
        path.write_text(text)
        return CsvSource(path=str(path), table=table, columns=columns, **more)

    lines = {
        "customer_id": "who",
        "order_id": "order",
        "item_id": {"from": "what", "completeness": 1.0, "meaning": "what was bought"},
        "ordered_at": {"from": "when", "fresh_within": 30},
        "quantity": "pieces",
        "price": {"from": "price", "completeness": 0.9},
        "amount": "total",
    }
    items = {"item_id": {"from": "what", "unique": True}, "item_name": "name"}
    items |= {"category": {"from": "code", "unique": True}}
    people = {
        "customer_id": "who",
        "mail": {"from": "mail", "tag": "personal", "completeness": 0.5},
        "town": "town",
    }
    return [
        source("lines", FAULTY_LINES, "lines", lines, rules=[{"column": "quantity", "above": 0}]),
        source("items", FAULTY_ITEMS, "items", items),
        source("people", FAULTY_PEOPLE, "customers", people),
    ]


@pytest.fixture(scope="session")
def faulty(tmp_path_factory):
    """Load the warehouse once; give its file and its sources."""
    folder = tmp_path_factory.mktemp("faulty")
    sources = faulty_sources(folder)
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        warehouse.load(sources)
    return folder / "warehouse.duckdb", sources


@pytest.fixture
def connection(faulty):
    with open_read_only(faulty[0]) as opened:
        yield opened
