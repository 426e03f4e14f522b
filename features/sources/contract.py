"""The contract of a source as one query: every row becomes values, or a reason why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.sources.base import SourceBase
from features.sources.canonical import DUCKDB_TYPES, KEYS
from features.sources.column import ColumnSpec, Condition, Rule
from features.sources.sql import identifier, literal
from features.sources.zones import local_time, moment

__all__ = ["LARGEST_NUMBER", "Check", "checked_query"]

LARGEST_NUMBER = 1e12
"""Numbers beyond this are refused: exact sums of money must not overflow."""

_ARTICLES = {
    "integer": "a whole number",
    "number": "a number",
    "timestamp": "a timestamp",
    "date": "a date",
    "boolean": "true or false",
}
_FLOATS = ("DOUBLE", "FLOAT")
_INSTANT = "TIMESTAMP WITH TIME ZONE"
_OFFSET_SIGNS = ("%z", "%Z")
_SELDOM_BLANKS = ("\t", "\r", "\n", "\u00a0")
_SHOWN_TEXT = 80


@dataclass(frozen=True)
class Check:
    """One way in which a row can fail.

    Attributes
    ----------
    fails : str
        SQL condition.
    rule : str
        What is wrong, without any value of the row; rows are counted by it.
    detail : str
        SQL expression of the same with the value.
    """

    fails: str
    rule: str
    detail: str


def checked_query(
    source: SourceBase,
    names: Sequence[str],
    types: Sequence[str],
    raw: str,
    zone: str | None = None,
) -> str:
    """Build the query that gives raw columns, typed columns, ``rule`` and ``detail``.

    Parameters
    ----------
    source : SourceBase
        The contract.
    names, types : sequence of str
        Columns of the file and their DuckDB types, in the order of ``c0``, ``c1`` ...
    raw : str
        SQL of the raw rows.
    zone : str, optional
        IANA name of the warehouse's time zone; default: timestamps stay as they stand.

    Returns
    -------
    str
        ``rule`` is null for a row that keeps the contract.
    """
    place = {name: position for position, name in enumerate(names)}
    at = {column: place[spec.source] for column, spec in source.columns.items()}
    values = [
        f"{_present(spec, f'c{at[column]}', types[at[column]])} AS {_value(column)}"
        for column, spec in source.columns.items()
    ]
    typed = [
        f"{_typed(source, column, types[at[column]], zone)} AS {identifier(column)}"
        for column in source.columns
    ]
    raw_columns = [f"c{position}" for position in range(len(names))]
    if _may_fail_later(source):
        kept = raw_columns
    else:  # the raw text of a good row is not needed any more
        kept = [f"CASE WHEN rule IS NOT NULL THEN {name} END AS {name}" for name in raw_columns]
    checks = list(_checks(source))
    rule = _first_failure(checks, [literal(check.rule) for check in checks])
    detail = _first_failure(checks, [check.detail for check in checks])
    return f"""
        WITH raw AS ({raw}),
        present AS (SELECT *, {", ".join(values)} FROM raw),
        typed AS (SELECT *, {", ".join(typed)} FROM present),
        signed AS (SELECT *, {_is_return(source)} AS is_return FROM typed),
        unsigned AS (SELECT * {_without_sign(source)} FROM signed),
        judged AS (SELECT *, {rule} AS rule FROM unsigned)
        SELECT line, {", ".join([*kept, *_converted(source)])}, is_return, rule,
            CASE WHEN rule IS NOT NULL THEN {detail} END AS detail
        FROM judged
    """


def _may_fail_later(source: SourceBase) -> bool:
    """Tell whether rows that keep the contract can still be rejected as repeats of others."""
    return source.duplicates == "reject" or source.table in KEYS


def _converted(source: SourceBase) -> Iterator[str]:
    """Give the columns in the warehouse's money; rules were about the money of the file."""
    for column in source.columns:
        name = identifier(column)
        exchanged = source.rate is not None and source.is_money(column)
        yield f"{name} * {source.rate!r} AS {name}" if exchanged else name


def _value(column: str) -> str:
    return identifier(f"value of {column}")


def _present(spec: ColumnSpec, raw: str, kind: str) -> str:
    """Give the value as it stands in the file, null where there is none."""
    if kind in _FLOATS:
        return f"CASE WHEN NOT isnan({raw}) THEN {raw} END"
    if kind != "VARCHAR":
        return raw
    text = _stripped(raw) if spec.strip else f"nullif({raw}, '')"
    text = f"upper({text})" if spec.upper else text
    if spec.default is None:
        return text
    return f"coalesce({text}, {literal(_as_text(spec.default))})"


def _stripped(raw: str) -> str:
    """Trim blanks, null for nothing else; look first, because trimming is slow.

    Most texts begin and end with a letter, a digit or a sign of ASCII. Of the others, few have
    tabs or hard blanks, which are the slowest to trim.
    """
    begins = f"{raw} BETWEEN '!' AND '~~~~'"
    ends = f"array_extract({raw}, -1) BETWEEN '!' AND '~'"
    return f"CASE WHEN {begins} AND {ends} THEN {raw} ELSE nullif({_trimmed(raw)}, '') END"


def _trimmed(raw: str) -> str:
    seldom = " OR ".join(f"contains({raw}, {literal(blank)})" for blank in _SELDOM_BLANKS)
    blanks = literal(" " + "".join(_SELDOM_BLANKS))
    return f"CASE WHEN {seldom} THEN trim({raw}, {blanks}) ELSE trim({raw}) END"


def _as_text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(source: SourceBase, column: str, raw_type: str, zone: str | None) -> str:
    kind, spec, value = source.type_of(column), source.columns[column], _value(column)
    if kind == "timestamp":
        typed = _timestamp(source, column, raw_type, zone)
    elif raw_type == "VARCHAR":
        typed = _from_text(kind, value, spec.format)
    elif kind == "text":
        typed = _text_of(value, raw_type)
    else:
        typed = f"TRY_CAST({value} AS {DUCKDB_TYPES[kind]})"
    if kind == "number":
        typed = _finite(typed, source.rate if source.is_money(column) else None)
    if spec.default is None or raw_type == "VARCHAR":  # a text's default already stands in it
        return typed
    return f"coalesce({typed}, {literal(_as_text(spec.default))}::{DUCKDB_TYPES[kind]})"


def _timestamp(source: SourceBase, column: str, raw_type: str, zone: str | None) -> str:
    """Read a timestamp in the source's zone and give it in the warehouse's."""
    value, format_ = _value(column), source.columns[column].format
    target = zone or source.timezone
    if raw_type == _INSTANT:
        return f"timezone({literal(target or 'UTC')}, {value})"
    if raw_type == "VARCHAR" and _has_offset_sign(source.columns[column]):
        return f"timezone({literal(target or 'UTC')}, try_strptime({value}, {literal(format_)}))"
    local = local_time(_stamp(value, raw_type, format_), source.timezone, zone)
    has_offset = raw_type == "VARCHAR" and not format_
    return moment(value, local, target) if has_offset else local


def _has_offset_sign(spec: ColumnSpec) -> bool:
    return spec.format is not None and any(sign in spec.format for sign in _OFFSET_SIGNS)


def _stamp(value: str, raw_type: str, format_: str | None) -> str:
    """Read a timestamp as it stands."""
    if raw_type == "VARCHAR":
        return _from_text("timestamp", value, format_)
    return f"TRY_CAST({value} AS TIMESTAMP)"


def _from_text(kind: str, value: str, format_: str | None) -> str:
    if kind == "text":
        return value
    if kind == "integer":
        whole = f"regexp_full_match({value}, '[+-]?[0-9]+')"
        return f"CASE WHEN {whole} THEN TRY_CAST({value} AS BIGINT) END"
    if kind == "number":
        return f"TRY_CAST({value} AS DOUBLE)"
    if kind == "boolean":
        return f"TRY_CAST(lower({value}) AS BOOLEAN)"
    if format_ is not None:
        return f"CAST(try_strptime({value}, {literal(format_)}) AS {DUCKDB_TYPES[kind]})"
    # DuckDB also takes words such as 'epoch' and 'infinity' for a moment.
    plain = f"CASE WHEN {value} >= '0' AND {value} < ':' THEN {value} END"
    return f"TRY_CAST({plain} AS {DUCKDB_TYPES[kind]})"


def _finite(number: str, rate: float | None) -> str:
    limit = LARGEST_NUMBER / max(rate or 1.0, 1.0)
    return f"CASE WHEN abs({number}) <= {limit!r} THEN {number} END"


def _text_of(value: str, raw_type: str) -> str:
    if raw_type not in _FLOATS:
        return f"nullif(CAST({value} AS VARCHAR), '')"
    # Identifiers with gaps are often stored as floats: 17850.0 means 17850.
    whole = f"{value} = floor({value}) AND abs({value}) < 1e15"
    return (
        f"CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) "
        f"ELSE CAST({value} AS VARCHAR) END"
    )


def _is_return(source: SourceBase) -> str:
    if source.returns is None:
        return "FALSE"
    return f"coalesce({_holds(source.returns)}, FALSE)"


def _without_sign(source: SourceBase) -> str:
    signed = [column for column in ("quantity", "amount") if column in source.columns]
    if source.table != "lines" or not signed:
        return ""
    replaced = [
        f"CASE WHEN is_return THEN abs({identifier(c)}) ELSE {identifier(c)} END AS {identifier(c)}"
        for c in signed
    ]
    return f"REPLACE ({', '.join(replaced)})"


def _holds(condition: Condition) -> str:
    column, test = identifier(condition.column), condition.test
    if test == "matches":
        return f"regexp_matches({column}, {literal(condition.matches)})"
    if test == "not_matches":
        return f"NOT regexp_matches({column}, {literal(condition.not_matches)})"
    if condition.one_of is not None:
        return f"{column} IN ({', '.join(map(literal, condition.one_of))})"
    sign = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}[test]
    return f"{column} {sign} {literal(getattr(condition, test))}"


def _checks(source: SourceBase) -> Iterator[Check]:
    blank = " AND ".join(f"{_value(column)} IS NULL" for column in source.columns)
    yield Check(blank, "the row is blank", literal("the row is blank"))
    for column in source.columns:
        yield from _value_checks(source, column)
    if source.table == "lines":
        yield from _sign_checks(source)
    for rule in source.rules:
        yield _rule_check(rule)


def _value_checks(source: SourceBase, column: str) -> Iterator[Check]:
    typed, kind, spec = identifier(column), source.type_of(column), source.columns[column]
    if kind == "timestamp" and source.timezone and not _has_offset_sign(spec):
        yield _clock_check(column, spec, source.timezone)
    if kind != "text":
        rule = f"{column} is not {_ARTICLES[kind]}"
        ending = f" in format '{spec.format}'" if spec.format else ""
        limit = f" of at most {LARGEST_NUMBER:.0e}" if kind == "number" else ""
        detail = _with_value(column, f"is not {_ARTICLES[kind]}{limit}{ending}")
        yield Check(f"{_value(column)} IS NOT NULL AND {typed} IS NULL", rule, detail)
    if source.is_required(column):
        rule = f"{column} is missing"
        yield Check(f"{typed} IS NULL", rule, literal(rule))


def _clock_check(column: str, spec: ColumnSpec, zone: str) -> Check:
    """Find times that the clock leaves out when summer time begins."""
    stamp = _from_text("timestamp", f"CAST({_value(column)} AS VARCHAR)", spec.format)
    said = f"is a time that clocks in {zone} leave out"
    failed = f"{_value(column)} IS NOT NULL AND {identifier(column)} IS NULL"
    return Check(f"{failed} AND {stamp} IS NOT NULL", f"{column} {said}", _with_value(column, said))


def _sign_checks(source: SourceBase) -> Iterator[Check]:
    if "quantity" in source.columns:
        yield _rule_check(Rule(column="quantity", above=0))
    for column in ("price", "amount", "cost"):
        if column in source.columns:
            yield _rule_check(Rule(column=column, at_least=0))


def _rule_check(rule: Rule) -> Check:
    said = _in_words(rule)
    detail = _with_value(rule.column, said)
    if rule.reason is not None:
        detail = f"{literal(rule.reason + ': ')} || {detail}"
    summary = rule.reason or f"{rule.column} {said}"
    return Check(f"NOT ({_holds(rule)})", summary, detail)


def _in_words(condition: Condition) -> str:
    limit = getattr(condition, condition.test)
    if condition.test == "matches":
        return f"does not match {limit}"
    if condition.test == "not_matches":
        return f"matches {limit}"
    if condition.one_of is not None:
        return f"is none of {', '.join(condition.one_of)}"
    return f"is not {condition.test.replace('_', ' ')} {limit:g}"


def _with_value(column: str, said: str) -> str:
    shown = f"left(coalesce(CAST({_value(column)} AS VARCHAR), ''), {_SHOWN_TEXT})"
    return f"{literal(column + ': ')} || chr(39) || {shown} || chr(39) || {literal(' ' + said)}"


def _first_failure(checks: Sequence[Check], results: Sequence[str]) -> str:
    whens = [
        f"WHEN {check.fails} THEN {result}" for check, result in zip(checks, results, strict=True)
    ]
    return f"CASE {' '.join(whens)} END"
