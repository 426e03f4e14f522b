"""Cubes that can be explored: those that were declared, and one that any warehouse can give."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from app.readers.answers import Answers
from app.readers.runs import Gone
from features.catalog import open_read_only
from features.catalog.columns import column_facts
from features.catalog.opening import columns_of, tables_of

if TYPE_CHECKING:
    from features.cube import CellSet, Cube, CubeDeclaration, View

__all__ = ["FEWEST", "WAREHOUSE", "CubeShelf", "personal_levels", "warehouse_cube"]

WAREHOUSE = "warehouse"
ITEM_LEVELS = ("department", "category", "item_name")
TABLES: tuple[str, ...] = ("lines", "items", "customers")
MOST_MEMBERS = 60
FEWEST = 5
Mark = tuple[tuple[int, int, int] | None, ...]


class CubeShelf:
    """The cubes of a workspace by name.

    Nothing is held between two pages: a load that replaces the warehouse waits for nobody, and
    what it replaced is gone from the disk. Answers are kept in memory, and so is what was found
    right about a cube, until its warehouse or its declaration changes.

    Parameters
    ----------
    warehouse : Path
        The DuckDB file.
    declared : tuple of Path
        Declarations.
    """

    def __init__(self, warehouse: Path, declared: tuple[Path, ...] = ()) -> None:
        self.warehouse = warehouse
        self.declared = declared
        self.answers = Answers()
        self._checked: dict[str, tuple[Mark, CubeDeclaration]] = {}
        self._of_files: dict[str, tuple[Mark, Cube]] = {}
        self._lock = Lock()

    @property
    def names(self) -> list[str]:
        """Give the names that can be asked for."""
        own = [WAREHOUSE] if self.warehouse.is_file() else []
        return [*own, *(path.stem for path in self.declared)]

    @contextmanager
    def opened(self, name: str) -> "Iterator[Cube]":
        """Open a cube for a page, checked against its data.

        Raises
        ------
        Gone
            When there is none of that name.
        LodeError
            When it cannot be read.
        """
        from pipelines.cube import open_cube

        mark = self.mark(name)
        known = self._checked.get(name)
        is_checked = known is not None and known[0] == mark
        declaration = known[1] if known and is_checked else self._declaration(name)
        if all(table.path is not None for table in declaration.tables.values()):
            yield self._over_files(name, mark, declaration)
            return
        with open_cube(declaration, self.warehouse, checked=is_checked) as cube:
            self._checked[name] = (mark, declaration)
            yield cube

    def cells(self, name: str, asked: Hashable, view: "Callable[[], View]") -> "CellSet":
        """Give the cells of a view, asked for now or before.

        Parameters
        ----------
        name : str
            Of the cube.
        asked : hashable
            All that the view depends on.
        view : callable
            Gives the view.
        """
        return self.answers.get(
            ("cells", name, self.mark(name), asked),
            lambda: view().result(),
            lambda cells: cells.frame.size,
        )

    def mark(self, name: str = WAREHOUSE) -> Mark:
        """Give what changes when the data or the declaration of a cube do."""
        return tuple(_mark_of(path) for path in (self.warehouse, *self._files(name)))

    def _over_files(self, name: str, mark: Mark, declaration: "CubeDeclaration") -> "Cube":
        """Give a cube that reads no warehouse: its files are read once and copied."""
        from features.cube import Cube

        with self._lock:
            known = self._of_files.get(name)
            if known is None or known[0] != mark:
                known = self._of_files[name] = (mark, Cube(declaration))
            return known[1]

    def _files(self, name: str) -> list[Path]:
        return [path for path in self.declared if path.stem == name and name != WAREHOUSE]

    def _declaration(self, name: str) -> "CubeDeclaration":
        from pipelines.cubes.declared import load_cube

        if name == WAREHOUSE and self.warehouse.is_file():
            with open_read_only(self.warehouse) as connection:
                return warehouse_cube(connection)
        found = self._files(name)
        if not found:
            raise Gone(f"There is no cube {name!r} here. There are: {', '.join(self.names)}.")
        return load_cube(found[0])


def _mark_of(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def warehouse_cube(connection: Any) -> "CubeDeclaration":
    """Declare a cube over the lines of a warehouse, with whatever its items and customers have.

    Attributes of customers become dimensions where they have few members and are tagged neither
    personal nor sensitive. Groups of fewer than five customers are hidden.
    """
    from features.cube import CubeDeclaration

    there = tables_of(connection)
    tables = [name for name in TABLES if name in there]
    known = {name: columns_of(connection, name) for name in tables}
    joins = [
        {"from": f"lines.{key}", "to": f"{table}.{key}"}
        for table, key in (("items", "item_id"), ("customers", "customer_id"))
        if table in known
    ]
    return CubeDeclaration.model_validate(
        {
            "name": WAREHOUSE,
            "tables": {name: {"table": name} for name in tables},
            "fact": "lines",
            "joins": joins,
            "dimensions": {
                "time": {"time": {"column": "lines.ordered_at"}},
                "product": {"levels": _product(connection, known)},
                **_attributes(connection, known),
            },
            "measures": _measures(),
            "privacy": {"min_group": FEWEST, "count": "customers"},
        }
    )


def personal_levels(cube: "Cube", warehouse: Path) -> set[str]:
    """Name the levels that single customers out or show what was tagged as personal."""
    from features.privacy.purge import names_customers

    columns = {
        (f"{name}.{level}", spec.column)
        for name, dimension in cube.declaration.dimensions.items()
        for level, spec in (dimension.levels or {}).items()
    }
    tables = {name: table.table for name, table in cube.declaration.tables.items()}
    tagged = _tagged(warehouse) if any(tables.values()) else set()
    found = set()
    for key, column in columns:
        table, _, own = column.partition(".")
        if names_customers(own) or (tables.get(table), own) in tagged:
            found.add(key)
    return found


def _tagged(warehouse: Path) -> set[tuple[str, str]]:
    with open_read_only(warehouse) as connection:
        facts = column_facts(connection)
    return {(one.table, one.column) for one in facts if one.tag in ("personal", "sensitive")}


def _product(connection: Any, known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Give the levels of items that every item has a member of; a gap would be no hierarchy."""
    full = _full(connection, [n for n in ITEM_LEVELS if n in known.get("items", {})])
    levels: dict[str, Any] = {}
    for name in full:
        within = {"within": next(reversed(levels))} if levels else {}
        if name != "item_name":
            levels[name] = {"column": f"items.{name}", **within}
    within = {"within": next(reversed(levels))} if levels else {}
    own = "items.item_name" if "item_name" in full else "lines.item_id"
    levels["item"] = {"column": own, **(within if own.startswith("items") else {})}
    return levels


def _full(connection: Any, names: list[str]) -> list[str]:
    """Keep the columns of items without a gap."""
    from features.sources.sql import identifier

    if not names:
        return []
    counts = ", ".join(f"count({identifier(name)}) = count(*)" for name in names)
    found = connection.execute(f"SELECT {counts} FROM items").fetchone()
    return [name for name, is_full in zip(names, found, strict=True) if is_full]


def _attributes(connection: Any, known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Give a dimension for each attribute of customers that parts them into a few groups."""
    from features.privacy.purge import names_customers

    hidden = {
        one.column
        for one in column_facts(connection)
        if one.table == "customers" and one.tag in ("personal", "sensitive")
    }
    candidates = [
        name
        for name, kind in known.get("customers", {}).items()
        if kind in ("VARCHAR", "BOOLEAN")
        and name not in (*hidden, "declared")
        and not names_customers(name)
        and name.isidentifier()
        and name not in ("time", "product")
    ]
    few = _with_few_members(connection, candidates)
    return {name: {"levels": {name: f"customers.{name}"}} for name in few}


def _with_few_members(connection: Any, names: list[str]) -> list[str]:
    from features.sources.sql import identifier

    if not names:
        return []
    counts = ", ".join(f"approx_count_distinct({identifier(name)})" for name in names)
    found = connection.execute(f"SELECT {counts} FROM customers").fetchone()
    return [name for name, count in zip(names, found, strict=True) if 1 < count <= MOST_MEMBERS]


def _measures() -> dict[str, Any]:
    sold = {"lines.is_return": [False]}
    return {
        "sales": {"kind": "sum", "column": "lines.amount", "only": sold, "format": ",.0f"},
        "quantity": {"kind": "sum", "column": "lines.quantity", "only": sold, "format": ",.0f"},
        "orders": {"kind": "distinct", "column": "lines.order_id", "only": sold, "format": ",.0f"},
        "customers": {"kind": "distinct", "column": "lines.customer_id", "format": ",.0f"},
        "sales_per_customer": {
            "kind": "ratio", "of": "sales", "to": "customers", "format": ",.2f",
        },
        "sales_per_order": {"kind": "ratio", "of": "sales", "to": "orders", "format": ",.2f"},
        "returned": {
            "kind": "sum", "column": "lines.amount", "only": {"lines.is_return": [True]},
            "format": ",.0f",
        },
    }  # fmt: skip
