from datetime import date

import pytest

from features.sources import CsvSource
from features.warehouse import Warehouse

PEOPLE = {"customer_id": "id", "opt_out": "out", "town": "town"}


@pytest.fixture
def lines(tmp_path):
    """Write a file of lines and declare it as one of the source `sales`."""

    def make(file, *rows, **more):
        path = tmp_path / file
        path.write_text("c,i,t,n,p\n" + "".join(f"{row}\n" for row in rows))
        columns = {
            "customer_id": "c",
            "item_id": "i",
            "ordered_at": "t",
            "quantity": "n",
            "price": "p",
        }
        return CsvSource(**{"name": "sales", "path": str(path), "columns": columns, **more})

    return make


@pytest.fixture
def people(tmp_path):
    """Write a file of customers and declare it, as valid from a day or since ever."""

    def make(file, *rows, since=None, first="id,out,town", columns=PEOPLE, name="crm", **more):
        path = tmp_path / file
        path.write_text(f"{first}\n" + "".join(f"{row}\n" for row in rows))
        return CsvSource(
            name=name,
            path=str(path),
            table="customers",
            columns=columns,
            effective=date.fromisoformat(since) if since else None,
            **more,
        )

    return make


@pytest.fixture
def table_of(tmp_path):
    """Write a file for any table, its columns named as they are in the warehouse."""

    def make(table, *rows, file=None, **more):
        path = tmp_path / (file or f"{table.replace(':', '_')}.csv")
        path.write_text("".join(f"{row}\n" for row in rows))
        columns = {name: name for name in rows[0].split(",")}
        return CsvSource(
            **{"name": path.stem, "path": str(path), "table": table, "columns": columns, **more}
        )

    return make


@pytest.fixture
def memory():
    """Open a warehouse in memory."""
    with Warehouse.open(None) as warehouse:
        yield warehouse


def ordered(table, *by):
    """Give all rows of a table as lists, null as None."""
    frame = table.order_by(*by).to_pandas()
    return [[None if value != value else value for value in row] for row in frame.to_numpy()]
