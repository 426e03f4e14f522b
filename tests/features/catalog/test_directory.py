from datetime import date

import duckdb
import pandas as pd
import pytest

from features.catalog import column_facts, directory, open_read_only, untagged
from features.catalog.lineage import (
    STATED,
    _cut,
    _small_warehouse,
    columns_read,
    read_by,
    readers,
)
from features.catalog.meanings import TABLES
from features.catalog.page import page, text_table
from features.indicators.registry import KNOWN
from features.sources.canonical import RESERVED_TABLES
from lodeworks.errors import ConfigError

TODAY = date(2024, 1, 20)


def test_every_table_and_column_is_listed(connection):
    found = directory(connection, today=TODAY)
    tables = {table.name: table for table in found.tables}
    assert {"lines", "items", "customers", "rejected", "loads"} <= tables.keys()
    assert tables["lines"].rows == 4
    assert tables["lines"].sources == ["lines"]
    assert "central detail" in tables["lines"].meaning
    real = connection.execute("SELECT count(*) FROM duckdb_columns() WHERE NOT internal").fetchone()
    assert sum(len(table.columns) for table in found.tables) == real[0]


def test_no_table_of_the_warehouse_is_called_one_of_your_own(connection):
    found = {table.name: table.meaning for table in directory(connection, today=TODAY).tables}
    assert "for the loader" in found["customers_rows"]
    assert "for the loader" in found["items_rows"]
    assert "a table of your own" not in found.values()
    assert TABLES.keys() == RESERVED_TABLES


def test_a_column_tells_where_it_is_from_and_what_it_means(connection):
    (table,) = directory(connection, "customers", "mail", today=TODAY).tables
    (column,) = table.columns
    assert column.facts.tag == "personal"
    assert column.facts.sources == (("people", "mail"),)
    assert column.quality["completeness"] == pytest.approx(2 / 3)
    (lines,) = directory(connection, "lines", "item_id", today=TODAY).tables
    assert lines.columns[0].facts.meaning == "what was bought"


def test_rules_are_told(connection):
    text = directory(connection, "lines", "quantity", today=TODAY).text()
    assert "above" in text
    assert "read by" in text


def test_loads_are_told_with_their_hash(connection, faulty):
    loads = directory(connection, today=TODAY).loads
    assert sorted(loads["source"]) == ["items", "lines", "people"]
    assert loads["sha256"].str.len().eq(64).all()
    only = directory(connection, "items", today=TODAY).loads
    assert only["source"].tolist() == ["items"]


def test_an_unknown_name_gets_the_nearest(connection):
    with pytest.raises(ConfigError, match="no table called 'linse'; did you mean 'lines'"):
        directory(connection, "linse", today=TODAY)
    with pytest.raises(ConfigError, match="no column of 'lines' called 'prize'; did you mean"):
        directory(connection, "lines", "prize", today=TODAY)


def test_values_and_page_hold_the_same(connection):
    found = directory(connection, today=TODAY)
    values = found.to_dict()
    assert [table["name"] for table in values["tables"]] == [t.name for t in found.tables]
    html = found.html()
    assert all(f"<h2>Table {table.name}</h2>" in html for table in found.tables)


def test_an_older_warehouse_without_declarations_is_described(tmp_path):
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as old:
        old.execute("CREATE TABLE facts (name VARCHAR, value VARCHAR)")
        old.execute("CREATE TABLE lines (customer_id VARCHAR, ordered_at TIMESTAMP)")
        old.execute("CREATE TABLE loads (source VARCHAR, path VARCHAR)")
        old.execute("CREATE TABLE rejected (source VARCHAR, rule VARCHAR, source_line BIGINT)")
    with open_read_only(path) as opened:
        found = directory(opened, "lines", today=TODAY)
        assert [column.facts.tag for column in found.tables[0].columns] == ["personal", None]
        assert "moment of the order" in found.text()


def test_untagged_columns_leave_out_what_is_known(connection):
    found = untagged(column_facts(connection), {("customers", "town"): "none"})
    assert "mail" not in found["customers"]
    assert "town" not in found["customers"]
    assert "customer_id" not in found["lines"]
    assert "amount" in found["lines"]


def test_every_family_of_indicators_has_its_lineage():
    found = readers()
    assert {name.split(": ")[-1] for name in found} == {*KNOWN, *STATED}
    assert all(reads for reads in found.values())


def test_lineage_is_what_a_family_reads_and_nothing_else():
    found = readers()
    assert found["indicators: tenure"] == (
        "lines.customer_id",
        "lines.is_return",
        "lines.ordered_at",
    )
    assert "items.category" in found["indicators: category"]
    assert "lines.cost" not in {name for reads in found.values() for name in reads}


def scrambled(connection, spare):
    """Overwrite every column that is said to be read by nobody."""
    for name in spare:
        table, column = name.split(".")
        connection.execute(f'UPDATE {table} SET "{column}" = NULL')


@pytest.mark.parametrize("family", sorted(KNOWN))
def test_columns_outside_its_lineage_do_not_change_a_family(family):
    reads = next(r for name, r in readers().items() if name.split(": ")[-1] == family)
    connection, schema = _small_warehouse()
    expected = KNOWN[family](_cut(connection)).to_pandas()
    assert len(expected) == 1
    of_own = {"customers.attribute"} if "customers.*" in reads else set()
    stored = {f"{table}.{column}" for table, names in schema.items() for column in names}
    scrambled(connection, stored - {*reads} - of_own)
    pd.testing.assert_frame_equal(KNOWN[family](_cut(connection)).to_pandas(), expected)
    connection.close()


def test_attributes_of_customers_are_read_by_their_family():
    reads = readers()["indicators: attributes"]
    assert "customers.*" in reads
    assert "customers.opt_out" in reads
    assert read_by("customers", "town") == ("indicators: attributes",)
    assert read_by("customers", "source_line") == ()
    assert "indicators: attributes" in read_by("customers", "opt_out")
    assert read_by("items", "colour") == ()


def test_the_directory_tells_who_reads_an_attribute(connection):
    (table,) = directory(connection, "customers", "town", today=TODAY).tables
    assert table.columns[0].read_by == ("indicators: attributes",)


def test_marts_have_their_lineage():
    reads = readers()["mart: web"]
    assert "sessions.customer_id" in reads
    assert all(name.startswith(("sessions.", "customers.", "lines.")) for name in reads)


def test_nothing_reads_nothing():
    assert columns_read(None, {}) == ()


def test_pages_escape_what_they_show():
    frame = pd.DataFrame({"<b>": ["<script>alert(1)</script>", None]})
    html = page("a & b", ["x < y"], [("<i>", frame)])
    assert "<script>" not in html
    assert "a &amp; b" in html
    assert "x &lt; y" in html
    assert "&lt;b&gt;" in html


def test_tables_line_up():
    text = text_table(pd.DataFrame({"a": ["long word", "b"], "n": [1, 20]}))
    assert [line.index(c) for line, c in zip(text.splitlines(), "n12", strict=True)] == [11, 11, 11]
