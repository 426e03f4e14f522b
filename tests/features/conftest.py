import gzip

import pytest

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
