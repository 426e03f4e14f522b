import duckdb
import pyarrow.parquet as pq
import pytest

from features.sources import ParquetSource
from features.sources.sql import literal
from features.warehouse import Warehouse
from lodeworks.errors import BudgetExceeded

ROWS = 900_000
LIMIT = 60_000_000
NAMES = ("customer_id", "order_id", "item_id", "ordered_at", "quantity", "price")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Lines that take more memory than DuckDB will be given, few of them alike."""
    path = tmp_path_factory.mktemp("large") / "lines.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (
                SELECT 'customer-' || hash(i) % 160000 AS customer_id,
                    'order-' || i // 3 AS order_id,
                    'item-' || hash(i + 9) % 5000 AS item_id,
                    TIMESTAMP '2020-01-01' + to_seconds(i) AS ordered_at,
                    1 + i % 5 AS quantity, (i % 9973) / 7.0 AS price
                FROM range({ROWS}) AS rows(i)
            ) TO {literal(str(path))}
        """)
    assert pq.read_table(path).nbytes > LIMIT
    return ParquetSource(path=str(path), columns={name: name for name in NAMES})


def test_a_table_larger_than_memory_is_loaded(large, tmp_path):
    with Warehouse.open(tmp_path / "w.duckdb", memory_limit=f"{LIMIT}B") as warehouse:
        report = warehouse.load([large])
        assert (report.rows_loaded, report.rows_rejected) == (ROWS, 0)
        assert warehouse.items.count().to_pandas() == 5000


def test_a_limit_that_nothing_fits_in_leaves_nothing(large, tmp_path):
    path = tmp_path / "w.duckdb"
    warehouse = Warehouse.open(path, memory_limit="2MB")
    with pytest.raises(BudgetExceeded, match="more memory than allowed"):
        warehouse.load([large])
    assert not path.exists()
