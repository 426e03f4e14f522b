"""Formulas of measures: read with Python's parser, allowed are names, numbers and ``+ - * /``."""

import ast
from collections.abc import Callable

__all__ = ["names_in", "to_sql"]

_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_LONGEST = 500
_GREATEST = 1e18


def names_in(expression: str) -> list[str]:
    """Give the measures that an expression names.

    Raises
    ------
    ValueError
        When it is anything but names, numbers, ``+ - * /`` and parentheses.

    Examples
    --------
    >>> names_in("(sales - cost) / sales")
    ['sales', 'cost']
    """
    found: list[str] = []
    _sql(_parsed(expression), lambda name: found.append(name) or name)  # type: ignore[func-returns-value]
    return list(dict.fromkeys(found))


def to_sql(expression: str, column: Callable[[str], str]) -> str:
    """Write an expression in SQL; a division by zero gives none.

    Parameters
    ----------
    expression : str
        Such as ``sales / visits``.
    column : callable
        Gives the SQL of a measure by its name.

    Examples
    --------
    >>> to_sql("sales / visits", lambda name: name)
    '(CAST(sales AS DOUBLE) / NULLIF(CAST(visits AS DOUBLE), 0))'
    """
    return _sql(_parsed(expression), column)


def _parsed(expression: str) -> ast.expr:
    if len(expression) > _LONGEST:
        raise ValueError(f"an expression has at most {_LONGEST} letters")
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{expression!r} is not an expression such as 'sales - cost'") from None


def _sql(node: ast.expr, column: Callable[[str], str]) -> str:
    if isinstance(node, ast.Name):
        return column(node.id)
    if isinstance(node, ast.Constant) and _is_number(node.value):
        return repr(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"(-{_sql(node.operand, column)})"
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return _binary(node, column)
    raise ValueError(
        f"{ast.unparse(node)!r} is not allowed; names of measures, numbers, + - * / and "
        "parentheses are"
    )


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(value) < _GREATEST  # type: ignore[arg-type]


def _binary(node: ast.BinOp, column: Callable[[str], str]) -> str:
    left, right = _sql(node.left, column), _sql(node.right, column)
    sign = _SIGNS[type(node.op)]
    if sign == "/":
        return f"(CAST({left} AS DOUBLE) / NULLIF(CAST({right} AS DOUBLE), 0))"
    if sign == "*":  # two exact decimals can have more digits than a decimal holds
        return f"(CAST({left} AS DOUBLE) * CAST({right} AS DOUBLE))"
    return f"({left} {sign} {right})"
