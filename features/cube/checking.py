"""Everything that is wrong with the names of a declaration, found at once."""

from collections.abc import Iterator

from features.cube.conditions import as_condition
from features.cube.declaration import (
    Balance,
    CubeDeclaration,
    DerivedMeasure,
    Formula,
    Ratio,
    RunningTotal,
    Sum,
)
from features.cube.expressions import names_in
from features.cube.layout import HIERARCHY, Layout, expressions, offered, split
from lodeworks.errors import ConfigError

__all__ = ["problems_in", "refuse_problems"]

Problem = tuple[tuple[str | int, ...], str]


def problems_in(declaration: CubeDeclaration) -> list[Problem]:
    """Find names that lead nowhere, loops and tables that cannot be reached.

    Returns
    -------
    list of (path, message)
        The path leads to the key of the declaration that is wrong.
    """
    found = [*_tables(declaration), *_joins(declaration), *_dimensions(declaration)]
    measures = list(_measures(declaration))
    found += measures
    if not any(path[0] in ("measures", "dimensions") for path, _ in found):
        found += [*_needs_measures(declaration), *_scenarios(declaration)]
    return found


def refuse_problems(declaration: CubeDeclaration) -> None:
    """Raise all problems as one error.

    Raises
    ------
    ConfigError
    """
    texts = [f"{'.'.join(map(str, path))}: {text}" for path, text in problems_in(declaration)]
    if len(texts) == 1:
        raise ConfigError(f"cube {declaration.name!r}: {texts[0]}")
    if texts:
        raise ConfigError(f"cube {declaration.name!r}: {len(texts)} problems", texts)


def _table_of(
    declaration: CubeDeclaration, path: tuple[str | int, ...], column: str
) -> Iterator[Problem]:
    table = split(column)[0]
    if table not in declaration.tables:
        yield path, offered("table", table, declaration.tables)
    elif table not in _reached(declaration):
        yield path, f"no join leads from {declaration.fact!r} to {table!r}"


def _reached(declaration: CubeDeclaration) -> set[str]:
    return {declaration.fact, *(table for _, table, _ in Layout(declaration).joins)}


def _tables(declaration: CubeDeclaration) -> Iterator[Problem]:
    if declaration.fact not in declaration.tables:
        yield ("fact",), offered("table", declaration.fact, declaration.tables)


def _joins(declaration: CubeDeclaration) -> Iterator[Problem]:
    ends: list[str] = [declaration.fact]
    for number, join in enumerate(declaration.joins):
        path = ("joins", number)
        for end, column in (("from", join.source), ("to", join.to)):
            if split(column)[0] not in declaration.tables:
                yield (*path, end), offered("table", split(column)[0], declaration.tables)
        table = split(join.to)[0]
        if table in ends:
            yield (
                (*path, "to"),
                f"two ways lead to {table!r}; declare the table under a second name",
            )
        ends.append(table)


def _dimensions(declaration: CubeDeclaration) -> Iterator[Problem]:
    for name, dimension in declaration.dimensions.items():
        path = ("dimensions", name)
        if dimension.time is not None:
            yield from _table_of(declaration, (*path, "time"), dimension.time.column)
        elif dimension.parent_child is not None:
            column = f"{dimension.parent_child.table}.{dimension.parent_child.key}"
            yield from _table_of(declaration, (*path, "parent_child"), column)
        coarser: list[str] = []
        for level, spec in (dimension.levels or {}).items():
            yield from _table_of(declaration, (*path, "levels", level), spec.column)
            if spec.within is not None and spec.within not in coarser:
                text = offered("coarser level", spec.within, coarser or ["(none)"])
                yield (*path, "levels", level), text
            coarser.append(level)


def _measures(declaration: CubeDeclaration) -> Iterator[Problem]:
    for name, measure in declaration.measures.items():
        path = ("measures", name)
        if isinstance(measure, Ratio | Formula):
            yield from _formula(declaration, name, measure)
        elif isinstance(measure, DerivedMeasure):
            yield from _derived(declaration, name, measure)
        else:
            single = [measure.column] if hasattr(measure, "column") else []
            more = measure.about if isinstance(measure, Balance) else ()
            for column in (*single, *more, *measure.only):
                yield from _table_of(declaration, path, column)
        if isinstance(measure, Balance) and measure.carry:
            yield from _carried(declaration, path, measure)
        if name in declaration.dimensions:
            yield path, "a dimension has the same name"
        if measure.kind in ("min", "max") and _protects(declaration):
            yield path, f"a {measure.kind} is the value of a single one; privacy allows averages"


def _carried(
    declaration: CubeDeclaration, path: tuple[str | int, ...], measure: Balance
) -> Iterator[Problem]:
    times = [each.time.column for each in declaration.dimensions.values() if each.time is not None]
    if measure.over not in times:
        yield (*path, "carry"), f"a dimension with time: {{column: {measure.over}}} is needed"
    if _protects(declaration):
        text = "privacy counts the rows of a period, not who is carried into it; leave one away"
        yield (*path, "carry"), text


def _protects(declaration: CubeDeclaration) -> bool:
    return declaration.privacy is not None and declaration.privacy.min_group > 1


def _formula(
    declaration: CubeDeclaration, name: str, measure: Ratio | Formula
) -> Iterator[Problem]:
    path = ("measures", name)
    for text in expressions(measure):
        try:
            used = names_in(text)
        except ValueError as error:
            yield path, str(error)
            continue
        for each in used:
            if each not in declaration.measures:
                yield path, offered("measure", each, declaration.measures)
            elif isinstance(declaration.measures[each], DerivedMeasure):
                yield path, f"{each!r} compares cells; a formula is made of other measures"
    if name in _reachable(declaration, name):
        yield path, "is made of itself"


def _reachable(declaration: CubeDeclaration, start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        measure = declaration.measures.get(waiting.pop())
        if not isinstance(measure, Ratio | Formula):
            continue
        for text in expressions(measure):
            new = set(_names_or_none(text)) - found
            found |= new
            waiting += new
    return found


def _names_or_none(text: str) -> list[str]:
    try:
        return names_in(text)
    except ValueError:
        return []


def _derived(declaration: CubeDeclaration, name: str, measure: DerivedMeasure) -> Iterator[Problem]:
    path = ("measures", name)
    base = declaration.measures.get(measure.of)
    if base is None:
        yield (*path, "of"), offered("measure", measure.of, declaration.measures)
    elif isinstance(base, DerivedMeasure):
        yield (*path, "of"), f"{measure.of!r} compares cells already; name what it compares"
    elif isinstance(measure, RunningTotal) and base.kind not in ("sum", "count"):
        yield (*path, "of"), f"{measure.of!r} does not add up over time; a sum or a count does"
    along = getattr(measure, "along", None)
    if along is not None and along not in declaration.dimensions:
        yield (*path, "along"), offered("dimension", along, declaration.dimensions)


def _needs_measures(declaration: CubeDeclaration) -> Iterator[Problem]:
    named = []
    if declaration.privacy is not None:
        named.append((("privacy", "count"), declaration.privacy.count))
    if declaration.wallet is not None:
        wallet = declaration.wallet
        named += [(("wallet", "own"), wallet.own)]
        named += [(("wallet", "need"), wallet.need)] if wallet.need is not None else []
        for field in ("customer", "peers"):
            level = getattr(wallet, field)
            if level is not None:
                yield from _level(declaration, ("wallet", field), level)
    for path, name in named:
        if name not in declaration.measures:
            yield path, offered("measure", name, declaration.measures)
        elif path[0] == "privacy" and declaration.measures[name].kind not in ("count", "distinct"):
            yield path, f"{name!r} counts nothing; a measure of kind count or distinct is needed"


def _level(
    declaration: CubeDeclaration, path: tuple[str | int, ...], key: str
) -> Iterator[Problem]:
    layout = Layout(declaration)
    if f"{key.partition('.')[0]}{HIERARCHY}" in {table for _, table, _ in layout.joins}:
        return  # how many levels it has is known when the data are read
    try:
        layout.level(key)
    except ConfigError as error:
        yield path, str(error)


def _scenarios(declaration: CubeDeclaration) -> Iterator[Problem]:
    for name, changes in declaration.scenarios.items():
        for number, change in enumerate(changes):
            path = ("scenarios", name, number)
            for measure in change.measures:
                yield from _changeable(declaration, (*path, "measures"), measure)
            for key, given in change.where.items():
                yield from _level(declaration, (*path, "where"), key)
                try:
                    as_condition(given)
                except ConfigError as error:
                    yield (*path, "where"), str(error)


def _changeable(
    declaration: CubeDeclaration, path: tuple[str | int, ...], name: str
) -> Iterator[Problem]:
    measure = declaration.measures.get(name)
    if measure is None:
        yield path, offered("measure", name, declaration.measures)
    elif not isinstance(measure, Sum | Balance):
        inputs = ", ".join(Layout(declaration).inputs(name))
        made_of = f"; it is made of {inputs}" if inputs != name else ""
        yield path, f"{name!r} cannot be changed, only a sum or a balance can{made_of}"
