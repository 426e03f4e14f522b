"""What sets each segment apart, in the customers' own attributes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.segments.words import plain_name, plain_number

__all__ = ["describe_segments", "segment_names", "segment_sizes"]

_LARGE = 0.5


def segment_sizes(labels: pd.Series, value: pd.Series | None = None) -> pd.DataFrame:
    """Count the customers of each segment, and what they are worth.

    Parameters
    ----------
    labels : pandas.Series
        Segment by customer.
    value : pandas.Series of float, optional
        Money by customer; missing counts as nothing.

    Returns
    -------
    pandas.DataFrame
        ``segment``, ``customers``, ``share`` and, with `value`, ``value``, ``value_share``,
        ``value_each``.
    """
    sizes = labels.value_counts().sort_index()
    table = pd.DataFrame({"segment": sizes.index, "customers": sizes.to_numpy()})
    table["share"] = table["customers"] / len(labels)
    if value is not None:
        sums = value.reindex(labels.index).fillna(0.0).groupby(labels).sum().sort_index()
        total = sums.sum()
        table["value"] = sums.to_numpy()
        table["value_share"] = table["value"] / (total if total else np.nan)
        table["value_each"] = table["value"] / table["customers"]
    return table


def describe_segments(frame: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Compare each attribute inside a segment with the other customers.

    Parameters
    ----------
    frame : pandas.DataFrame
        Attributes of customers, numbers and categories.
    labels : pandas.Series
        Segment of each, by the same index.

    Returns
    -------
    pandas.DataFrame
        One row a segment and attribute, the strongest difference of a segment first: ``segment``,
        ``attribute``, ``typical`` and ``others`` (median of a number; the member of a category
        that is most over-represented, and its share among the others), ``effect`` (difference of
        means in deviations, or of shares in deviations of a share; Cohen's d), ``text``.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20.0, 22.0, 60.0, 64.0]})
    >>> describe_segments(frame, pd.Series([0, 0, 1, 1]))["text"].tolist()
    ['age is lower: 21, others 62', 'age is higher: 62, others 21']
    """
    rows = [
        {"segment": segment, "attribute": str(name), **_attribute(frame[name], labels == segment)}
        for segment in sorted(labels.unique())
        for name in frame
    ]
    table = pd.DataFrame(rows, columns=["segment", "attribute", *_COLUMNS])
    size = table["effect"].abs()
    return (
        table.assign(size=size)
        .sort_values(["segment", "size", "attribute"], ascending=[True, False, True])
        .drop(columns="size")
        .reset_index(drop=True)
    )


_COLUMNS = ("typical", "others", "effect", "text")


def segment_names(
    described: pd.DataFrame,
    most: int = 2,
    words: Mapping[str, tuple[str, str]] | None = None,
) -> dict[Any, str]:
    """Name each segment by what differs most.

    Parameters
    ----------
    described : pandas.DataFrame
        From `describe_segments`.
    most : int, default 2
        Attributes in a name.
    words : mapping of str to (str, str), optional
        What to call little and much of an attribute; default: ``low`` and ``high`` before its name.

    Returns
    -------
    dict
        Segment to name; names differ.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20.0, 22.0, 60.0, 64.0]})
    >>> segment_names(describe_segments(frame, pd.Series([0, 0, 1, 1])))
    {0: 'low age', 1: 'high age'}
    """
    names: dict[Any, str] = {}
    for segment, rows in described.groupby("segment", sort=True):
        strong = rows[rows["effect"].abs() >= _LARGE]
        told = [_told(row, words or {}) for row in strong.head(most).to_dict("records")]
        name = ", ".join(told) or "average"
        taken = [one for one in names.values() if one == name or one.startswith(f"{name} (")]
        names[segment] = f"{name} ({len(taken) + 1})" if taken else name
    return names


def _told(row: Mapping[Any, Any], words: Mapping[str, tuple[str, str]]) -> str:
    if row["attribute"] in words:
        return words[row["attribute"]][int(row["effect"] > 0)]
    attribute = plain_name(row["attribute"])
    if isinstance(row["typical"], str):
        return f"{attribute} {row['typical']}"
    return f"{'high' if row['effect'] > 0 else 'low'} {attribute}"


def _attribute(values: pd.Series, inside: pd.Series) -> dict[str, Any]:
    if pd.api.types.is_numeric_dtype(values):
        return _number(values.astype(np.float64), inside)
    return _category(values, inside)


def _number(values: pd.Series, inside: pd.Series) -> dict[str, Any]:
    own, others = values[inside].dropna(), values[~inside].dropna()
    effect = _effect(own.to_numpy(), others.to_numpy())
    typical = float(own.median()) if len(own) else np.nan
    usual = float(others.median()) if len(others) else np.nan
    word = "higher" if effect > 0 else "lower"
    told = f"{plain_name(str(values.name))} is {word}: {plain_number(typical)}"
    text = f"{told}, others {plain_number(usual)}"
    return {"typical": typical, "others": usual, "effect": effect, "text": text}


def _effect(own: np.ndarray, others: np.ndarray) -> float:
    """Give the difference of means in pooled deviations, limited to 10."""
    if not len(own) or not len(others):
        return 0.0
    squares = len(own) * own.var() + len(others) * others.var()
    pooled = np.sqrt(squares / (len(own) + len(others)))
    apart = float(own.mean() - others.mean())
    if abs(apart) < 1e-12:
        return 0.0
    return float(np.clip(apart / pooled, -10, 10)) if pooled > 0 else float(10 * np.sign(apart))


def _category(values: pd.Series, inside: pd.Series) -> dict[str, Any]:
    texts = values.astype(object).where(values.notna(), "(missing)").map(str)
    own = texts[inside].value_counts(normalize=True)
    others = texts[~inside].value_counts(normalize=True).reindex(own.index).fillna(0.0)
    mean = texts.value_counts(normalize=True).reindex(own.index)
    lift: pd.Series = (own - others) / np.maximum(np.sqrt(mean * (1 - mean)), 1e-3)
    best = sorted(own.index, key=lambda member: (-lift[member], member))[0]
    usual = float(others[best]) if (~inside).any() else float("nan")
    effect = min(max(float(lift[best]), -10.0), 10.0) if (~inside).any() else 0.0
    text = f"{own[best]:.0%} have {plain_name(str(values.name))} {best}, others {usual:.0%}"
    return {"typical": best, "others": usual, "effect": effect, "text": text}
