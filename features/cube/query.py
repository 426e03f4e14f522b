"""One view of a cube compiled to one SQL statement with GROUPING SETS."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from features.cube.conditions import Bound, Condition
from features.cube.declaration import (
    Average,
    Balance,
    Count,
    DerivedMeasure,
    Distinct,
    FactMeasure,
    Formula,
    Measure,
    Ratio,
    Sum,
)
from features.cube.expressions import to_sql
from features.cube.layout import Layout, LevelPart, column_sql, expressions, split, time_sql
from features.sources.sql import identifier, literal

__all__ = ["GROUPING", "Asked", "Factor", "Statement", "compile_view", "from_sql", "supposed"]

GROUPING = "grouping"
"""Column with the bits of the levels that a cell is a total over."""

_DAY, _ENDS, _NEXT = '" day"', '" ends"', " next state"
_PLACES = 6
_SUPPOSED_PLACES = 10


@dataclass(frozen=True)
class Factor:
    """What the detail of chosen members is multiplied by, and that of the others.

    Attributes
    ----------
    measures : tuple of str
        Sums and balances it holds for.
    where : tuple
        Levels with conditions; all must hold.
    chosen, others : float
    """

    measures: tuple[str, ...]
    where: tuple[tuple[str, Condition], ...]
    chosen: float
    others: float = 1.0


@dataclass(frozen=True)
class Asked:
    """What a statement shall answer.

    Attributes
    ----------
    levels : tuple of str
        Levels that cells are told apart by, in the order of the result.
    sets : tuple of tuple of str
        The levels kept in each kind of cell; the others are totalled.
    measures : tuple of str
        Declared measures, none of them derived.
    where : tuple
        Levels with conditions; all must hold.
    scenarios : dict
        Factors by the name of the scenario.
    """

    levels: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    measures: tuple[str, ...]
    where: tuple[tuple[str, Condition], ...] = ()
    scenarios: Mapping[str, tuple[Factor, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """SQL and the values that travel beside it."""

    sql: str
    values: Mapping[str, object]


def supposed(measure: str, scenario: str) -> str:
    """Name the column of a measure under a scenario.

    Examples
    --------
    >>> supposed("sales", "dearer")
    'sales [dearer]'
    """
    return f"{measure} [{scenario}]"


def compile_view(
    layout: Layout,
    relations: Mapping[str, str],
    types: Mapping[str, str],
    asked: Asked,
    digits: int = 18,
) -> Statement:
    """Write the statement.

    Parameters
    ----------
    layout : Layout
    relations : mapping of str to str
        What stands in SQL for each table.
    types : mapping of str to str
        The SQL types of the levels, and of columns that are added up under ``=table.column``.
    asked : Asked
    digits : int
        Of the decimals that doubles become; 18 are quick, 38 hold any money.

    Returns
    -------
    Statement
        Its rows have the levels, ``grouping``, and the measures; members come before the missing
        member and that before the total.
    """
    return _Compiler(layout, relations, types, asked, digits).statement()


class _Compiler:
    def __init__(
        self,
        layout: Layout,
        relations: Mapping[str, str],
        types: Mapping[str, str],
        asked: Asked,
        digits: int,
    ) -> None:
        self.layout, self.relations, self.types, self.asked = layout, relations, types, asked
        self.digits = digits
        self.bound = Bound()
        self.inputs: dict[tuple[str, str], str] = {}
        self.columns: dict[str, str] = {}
        for name in asked.measures:
            for base in layout.inputs(name):
                self._add(base, "")
        for scenario in asked.scenarios:
            for name in self._touched(scenario):
                for base in layout.inputs(name):
                    self._add(base, scenario)

    def statement(self) -> Statement:
        parts = [("cells", self._additive())]
        keys = list(self.inputs)
        parts += [
            (f"part{number}", self._part(name, self.inputs[name, scenario]))
            for number, (name, scenario) in enumerate(keys)
            if isinstance(self.layout.measure(name), Distinct | Balance)
        ]
        common = [*self._carried_tables(), *self._common()]
        tables = ", ".join(f"{name} AS ({sql})" for name, sql in [*common, *parts])
        # a balance carried forward has no row where nobody holds anything
        joined = "".join(f" LEFT JOIN {name} ON {self._same_cell(name)}" for name, _ in parts[1:])
        shown = ", ".join([*(f"cells.{each}" for each in self._keys()), *self._measures()])
        sql = f"WITH {tables} SELECT {shown} FROM cells{joined} ORDER BY {self._order()}"
        return Statement(sql, self.bound.values)

    # -- what is read -------------------------------------------------------------------------

    def _add(self, name: str, scenario: str) -> None:
        self.inputs.setdefault((name, scenario), f"m{len(self.inputs)}")

    def _touched(self, scenario: str) -> list[str]:
        changed = {name for factor in self.asked.scenarios[scenario] for name in factor.measures}
        return [name for name in self.asked.measures if changed & set(self.layout.inputs(name))]

    def _common(self) -> list[tuple[str, str]]:
        levels = [f"{self.layout.level(key).sql} AS {identifier(key)}" for key in self.asked.levels]
        columns = [
            f"{sql} AS {alias}"
            for (name, scenario), column in self.inputs.items()
            if self._carried(name) is None
            for alias, sql in self._input(name, scenario, column)
        ]
        conditions = [self._condition(key, condition) for key, condition in self.asked.where]
        kept = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        chosen = ", ".join([*levels, *columns]) or "1"
        detail = f"SELECT {chosen} {self._source()}{kept}"
        if self.asked.levels:
            keys = ", ".join(map(identifier, self.asked.levels))
            for column in self._carried_columns():
                detail += f" UNION ALL BY NAME SELECT DISTINCT {keys} FROM {column}_held"
        return [("detail", detail)]

    def _source(self, relations: Mapping[str, str] | None = None) -> str:
        used = {self.layout.level(key).table for key in (*self.asked.levels, *self._asked_of())}
        for name, _ in self.inputs:
            used |= {
                split(column)[0] for column in _columns_of(_of_facts(self.layout.measure(name)))
            }
        return from_sql(self.layout, {**self.relations, **(relations or {})}, used)

    def _asked_of(self) -> Iterable[str]:
        yield from (key for key, _ in self.asked.where)
        for factors in self.asked.scenarios.values():
            yield from (key for factor in factors for key, _ in factor.where)

    def _condition(
        self, key: str, condition: Condition, moved: Mapping[str, str] | None = None
    ) -> str:
        sql = (moved or {}).get(key, self.layout.level(key).sql)
        return self.bound.condition(sql, self.types[key], condition)

    def _input(self, name: str, scenario: str, column: str) -> list[tuple[str, str]]:
        measure = _of_facts(self.layout.measure(name))
        kept = " AND ".join(_only(key, values) for key, values in measure.only.items())
        value = column_sql(measure.column) if not isinstance(measure, Count) else "1"
        if isinstance(measure, Sum | Average):
            places = measure.places if isinstance(measure, Sum) else _PLACES
            value = self._exact(value, self.types[f"={measure.column}"], places)
        value = self._changed(value, name, scenario)
        found = [(column, f"CASE WHEN {kept} THEN {value} END" if kept else value)]
        if isinstance(measure, Balance):
            found += [(f"{column}_at", column_sql(measure.over))]
            found += [(f"{column}_of{i}", column_sql(of)) for i, of in enumerate(measure.of)]
        return found

    def _exact(self, sql: str, sql_type: str, places: int) -> str:
        """Make doubles decimals, so that no order of rows changes a sum; others are exact."""
        inexact = sql_type in ("DOUBLE", "FLOAT", "REAL")
        return f"CAST({sql} AS DECIMAL({self.digits}, {places}))" if inexact else sql

    def _changed(
        self, value: str, name: str, scenario: str, moved: Mapping[str, str] | None = None
    ) -> str:
        """Multiply a value by what a scenario says."""
        factors = self._factors(name, scenario, moved)
        if not factors:
            return value
        return f"CAST(CAST({value} AS DOUBLE){factors} AS DECIMAL(38, {_SUPPOSED_PLACES}))"

    def _factors(self, name: str, scenario: str, moved: Mapping[str, str] | None) -> str:
        text = ""
        for factor in self.asked.scenarios.get(scenario, ()):
            if name in factor.measures:
                chosen = [self._condition(key, asked, moved) for key, asked in factor.where]
                chosen = chosen or ["TRUE"]
                yes, no = self.bound.put(factor.chosen), self.bound.put(factor.others)
                text += f" * CASE WHEN {' AND '.join(chosen)} THEN {yes} ELSE {no} END"
        return text

    # -- what is carried forward --------------------------------------------------------------

    def _carried(self, name: str) -> Balance | None:
        measure = self.layout.measure(name)
        return measure if isinstance(measure, Balance) and measure.carry else None

    def _carried_columns(self) -> list[str]:
        return [column for (name, _), column in self.inputs.items() if self._carried(name)]

    def _carried_tables(self) -> list[tuple[str, str]]:
        """Give the days that periods end with, and who held what then, for each balance."""
        tables = []
        for (name, scenario), column in self.inputs.items():
            if (measure := self._carried(name)) is not None:
                tables += [(f"{column}_ends", self._ends(measure))]
                tables += [(f"{column}_held", self._held(measure, name, scenario, column))]
        return tables

    def _times(self, measure: Balance) -> list[LevelPart]:
        """Give the levels of the periods that a balance is carried over."""
        dimensions = self.layout.declaration.dimensions
        times = {name: each.time for name, each in dimensions.items() if each.time is not None}
        moved = {name for name, each in times.items() if each.column == measure.over}
        return [part for part in self.layout.levels.values() if part.dimension in moved]

    def _ends(self, measure: Balance) -> str:
        """Give the last day of each finest period shown, from the first state to the last."""
        moment = identifier(split(measure.over)[1])
        span = f"SELECT min({moment}) AS a, max({moment}) AS z FROM {self._relation}"
        series = "generate_series(CAST(a AS DATE), CAST(z AS DATE), INTERVAL 1 DAY)"
        times = self._times(measure)
        named = {_DAY: "CAST(moment AS DATE)"}
        named |= {identifier(part.key): time_sql(part.name, "moment") for part in times}
        days = f"SELECT {', '.join(f'{sql} AS {key}' for key, sql in named.items())} "
        days += f"FROM (SELECT unnest({series}) AS moment FROM ({span}))"
        moved = {part.key: identifier(part.key) for part in times}
        tests = [self._condition(key, one, moved) for key, one in self.asked.where if key in moved]
        shown = ", ".join(moved[key] for key in self.asked.levels if key in moved)
        by = f"PARTITION BY {shown}" if shown else ""
        last = f"{_DAY} = max({_DAY}) OVER ({by})"
        return f"SELECT * FROM ({days}) WHERE {' AND '.join(tests) or 'TRUE'} QUALIFY {last}"

    def _held(self, measure: Balance, name: str, scenario: str, column: str) -> str:
        """Give the state of every holder at the end of each period."""
        moved = {part.key: f"{_ENDS}.{identifier(part.key)}" for part in self._times(measure)}
        keys = [(key, moved.get(key, self.layout.level(key).sql)) for key in self.asked.levels]
        value = self._changed(column_sql(measure.column), name, scenario, moved)
        chosen = [*(f"{sql} AS {identifier(key)}" for key, sql in keys), f"{value} AS {column}"]
        tests = _holds(measure, column_sql(f"{self.layout.declaration.fact}.{_NEXT}"))
        others = [(key, one) for key, one in self.asked.where if key not in moved]
        tests += [self._condition(key, one) for key, one in others]
        source = self._source({self.layout.declaration.fact: self._states(measure)})
        return (
            f"SELECT {', '.join([*chosen, f'{_ENDS}.{_DAY}'])} {source} "
            f"JOIN {column}_ends AS {_ENDS} ON TRUE WHERE {' AND '.join(tests)}"
        )

    def _states(self, measure: Balance) -> str:
        """Give the states, each with the moment of the next one of its holder."""
        of, over = ", ".join(map(column_sql, measure.of)), column_sql(measure.over)
        window = f"PARTITION BY {of} ORDER BY {over}"
        tests = [f"{column_sql(measure.column)} IS NOT NULL"]
        tests += [_only(key, values) for key, values in measure.only.items()]
        return (
            f"(SELECT *, lead({over}) OVER ({window}) AS {identifier(_NEXT)} "
            f"FROM {self._relation} AS {identifier(self.layout.declaration.fact)} "
            f"WHERE {' AND '.join(tests)})"
        )

    @property
    def _relation(self) -> str:
        return self.relations[self.layout.declaration.fact]

    def _at_end(self, measure: Balance, column: str, kept: tuple[str, ...]) -> str:
        """Add up what was held at the end of the periods of one kind of cell."""
        shown = []
        for key in self.asked.levels:
            total = "" if key in kept else f"CAST(NULL AS {self.types[key]}) AS "
            shown.append(f"{total}{identifier(key)}")
        places = enumerate(reversed(self.asked.levels))
        bits = sum(1 << place for place, key in places if key not in kept)
        shown += [f"CAST({bits} AS BIGINT) AS {GROUPING}"]
        shown += [f"CAST(sum({column}) AS DOUBLE) AS {column}"]
        times = [part.key for part in self._times(measure) if part.key in kept]
        last = f"SELECT max({_DAY}) FROM {column}_ends{_grouped(times)}"
        held = f"FROM {column}_held WHERE {_DAY} IN ({last})"
        return f"SELECT {', '.join(shown)} {held}{_grouped(kept)}"

    # -- what is grouped ----------------------------------------------------------------------

    def _keys(self) -> list[str]:
        return [*map(identifier, self.asked.levels), GROUPING]

    def _levels(self) -> str:
        return "".join(f"{identifier(key)}, " for key in self.asked.levels)

    def _sets(self, more: str = "") -> str:
        """Give the grouping; `more` columns are kept in every set."""
        sets = [", ".join([*map(identifier, kept), *([more] if more else [])])
                for kept in self.asked.sets]  # fmt: skip
        return f"GROUP BY GROUPING SETS ({', '.join(f'({each})' for each in sets)})"

    def _grouping(self) -> str:
        keys = ", ".join(map(identifier, self.asked.levels))
        return f"CAST(GROUPING({keys}) AS BIGINT)" if keys else "CAST(0 AS BIGINT)"

    def _additive(self) -> str:
        """Group once by all levels, then add the groups up: totals cost little beside detail."""
        first, then = [], []
        for (name, _), column in self.inputs.items():
            for alias, inner, outer in _two_steps(self.layout.measure(name), column):
                first.append(f"{inner} AS {alias}")
                then.append(f"{outer} AS {alias}")
        by = ", ".join(map(identifier, self.asked.levels))
        grouped = f" GROUP BY {by}" if by else ""
        inner = ", ".join([*([by] if by else []), *first, "count(*) AS n"])
        if self.asked.sets == (self.asked.levels,):
            keys = "".join(f"{name}, " for name in map(identifier, self.asked.levels))
            again = ", ".join([f"{keys}CAST(0 AS BIGINT) AS {GROUPING}", *first, "count(*) AS n"])
            return f"SELECT {again} FROM detail{grouped}"
        outer = ", ".join([f"{self._grouping()} AS {GROUPING}", *then, "sum(n) AS n"])
        finest = f"SELECT {inner} FROM detail{grouped}"
        return f"SELECT {self._levels()}{outer} FROM ({finest}) {self._sets()}"

    def _part(self, name: str, column: str) -> str:
        """Give the cells of a measure that cannot be added up from finer cells."""
        measure = self.layout.measure(name)
        keys = f"{self._levels()}{self._grouping()} AS {GROUPING}"
        if isinstance(measure, Distinct):
            # Fewer rows for several kinds of cells; for one kind it would be done twice.
            several = len(self.asked.sets) > 1
            rows = (
                f"(SELECT DISTINCT {self._levels()}{column} FROM detail)" if several else "detail"
            )
            return f"SELECT {keys}, count(DISTINCT {column}) AS {column} FROM {rows} {self._sets()}"
        assert isinstance(measure, Balance)
        if measure.carry:
            return " UNION ALL ".join(self._at_end(measure, column, k) for k in self.asked.sets)
        holder = ", ".join(f"{column}_of{number}" for number in range(len(measure.of)))
        moment = f"FILTER (WHERE {column} IS NOT NULL)"
        state = {
            "last": f"arg_max({column}, {column}_at) {moment}",
            "first": f"arg_min({column}, {column}_at) {moment}",
            "average": f"avg({column})",
        }[measure.take]
        held = f"SELECT {keys}, {state} AS {column} FROM detail {self._sets(holder)}"
        by = ", ".join(str(number + 1) for number in range(len(self._keys())))
        total = f"CAST(sum({column}) AS DOUBLE)"
        return f"SELECT {', '.join(self._keys())}, {total} AS {column} FROM ({held}) GROUP BY {by}"

    def _same_cell(self, part: str) -> str:
        return " AND ".join(
            f"cells.{key} IS NOT DISTINCT FROM {part}.{key}" for key in self._keys()
        )

    # -- what is shown ------------------------------------------------------------------------

    def _measures(self) -> list[str]:
        shown = [f"{self._value(name, '')} AS {identifier(name)}" for name in self.asked.measures]
        for scenario in self.asked.scenarios:
            for name in self._touched(scenario):
                then, now = self._value(name, scenario), self._value(name, "")
                label = supposed(name, scenario)
                change = f"CAST({then} AS DOUBLE) - CAST({now} AS DOUBLE)"
                shown.append(f"{then} AS {identifier(label)}")
                shown.append(f"{change} AS {identifier(f'{label} difference')}")
        return shown

    def _value(self, name: str, scenario: str) -> str:
        measure = self.layout.measure(name)
        assert not isinstance(measure, DerivedMeasure)
        if isinstance(measure, Formula | Ratio):
            parts = [f"({text})" for text in expressions(measure)]
            return to_sql(" / ".join(parts), lambda other: self._value(other, scenario))
        column = self.inputs[name, scenario]
        if isinstance(measure, Average):
            return f"(CAST({column} AS DOUBLE) / NULLIF({column}_n, 0))"
        return column

    def _order(self) -> str:
        words = []
        for place, key in enumerate(map(identifier, self.asked.levels)):
            bit = len(self.asked.levels) - 1 - place
            words += [f"(cells.{GROUPING} >> {bit}) & 1", f"cells.{key} NULLS LAST"]
        return ", ".join(words) or "1"


def from_sql(
    layout: Layout, relations: Mapping[str, str], tables: Iterable[str], *, facts: bool = True
) -> str:
    """Give ``FROM`` with the joins that some tables need.

    Parameters
    ----------
    layout : Layout
    relations : mapping of str to str
    tables : iterable of str
    facts : bool
        Whether to begin at the facts; else at the dimension table that leads to all of them.
    """
    wanted = list(dict.fromkeys(tables))
    fact = layout.declaration.fact
    for root in [] if facts else wanted:
        way = layout.way(root, wanted)
        if way is not None:
            return _joined(relations, root, way)
    return _joined(relations, fact, layout.way(fact, wanted) or [])


def _joined(relations: Mapping[str, str], root: str, way: list[tuple[str, str, str]]) -> str:
    text = f"FROM {relations[root]} AS {identifier(root)}"
    for source, table, column in way:
        key = f"{identifier(table)}.{identifier(column)}"
        text += f" LEFT JOIN {relations[table]} AS {identifier(table)}"
        text += f" ON {column_sql(source)} = {key}"
    return text


def _of_facts(measure: Measure) -> FactMeasure:
    assert isinstance(measure, FactMeasure)
    return measure


def _columns_of(measure: FactMeasure) -> list[str]:
    columns = [*measure.only]
    if not isinstance(measure, Count):
        columns.append(measure.column)
    if isinstance(measure, Balance):
        columns += measure.about
    return columns


def _holds(measure: Balance, following: str) -> list[str]:
    """Give the tests that a state holds at the end of a day."""
    over = f"{_ENDS}.{_DAY} + INTERVAL 1 DAY"
    tests = [f"{column_sql(measure.over)} < {over}"]
    tests += [f"({following} IS NULL OR {following} >= {over})"]
    if measure.until is not None:
        closed = column_sql(measure.until)
        tests += [f"({closed} IS NULL OR CAST({closed} AS DATE) > {_ENDS}.{_DAY})"]
    return tests


def _grouped(keys: Iterable[str]) -> str:
    named = ", ".join(map(identifier, keys))
    return f" GROUP BY {named}" if named else ""


def _only(column: str, values: Sequence[object]) -> str:
    known = [
        literal(v if isinstance(v, str | int | float) else str(v)) for v in values if v is not None
    ]
    tests = [f"{column_sql(column)} IN ({', '.join(known)})"] if known else []
    tests += [f"{column_sql(column)} IS NULL"] if None in values else []
    return f"({' OR '.join(tests) or 'FALSE'})"


def _two_steps(measure: Measure, column: str) -> list[tuple[str, str, str]]:
    """Give name, aggregate of detail, and aggregate of groups."""
    if isinstance(measure, Sum):
        return [(column, f"COALESCE(sum({column}), 0)", f"sum({column})")]
    if isinstance(measure, Count):
        return [(column, f"count({column})", f"CAST(sum({column}) AS BIGINT)")]
    if isinstance(measure, Average):
        return [
            (column, f"sum({column})", f"sum({column})"),
            (f"{column}_n", f"count({column})", f"sum({column}_n)"),
        ]
    if measure.kind in ("min", "max"):
        return [(column, f"{measure.kind}({column})", f"{measure.kind}({column})")]
    return []
