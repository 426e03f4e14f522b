"""Analysis of variance: which controllable factor moved the result."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import levene
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.multicomp import pairwise_tukeyhsd
from statsmodels.stats.oneway import anova_oneway

from models.statistics.checks import check_level, complete

__all__ = ["Anova", "one_way_anova", "tukey", "two_way_anova"]


@dataclass(frozen=True, eq=False)
class Anova:
    """An analysis of variance.

    Parameters
    ----------
    table : DataFrame
        One row a source: sum_of_squares, df, mean_square, f, p_value, eta2 (share of all
        variation), partial_eta2, omega2 (the share without its bias).
    groups : DataFrame
        One row a group: n, mean, sd.
    post_hoc : DataFrame
        Every pair of levels by Tukey's test: see `tukey`.
    equal_variance_p : float
        P-value of the Brown-Forsythe test that the groups vary alike.
    welch_p : float
        P-value of Welch's test, which does not ask for equal variances; NaN for two factors.
    """

    table: pd.DataFrame
    groups: pd.DataFrame
    post_hoc: pd.DataFrame
    equal_variance_p: float
    welch_p: float = float("nan")


def one_way_anova(table: pd.DataFrame, value: str, by: str, *, level: float = 0.95) -> Anova:
    """Test whether the mean of a value differs between groups.

    Parameters
    ----------
    table : DataFrame
        Rows with a missing value are left out.
    value : str
        The column of the result, a number.
    by : str
        The column of the factor.
    level : float, default 0.95
        Of the intervals of the pairs.

    Raises
    ------
    ValueError
        When a column is unknown, constant or all missing, or a group has fewer than two rows.

    Examples
    --------
    >>> yields = pd.DataFrame({"plot": list("aaabbb"), "kg": [1.0, 2, 3, 4, 5, 6]})
    >>> one_way_anova(yields, "kg", "plot").table.loc["plot", ["f", "eta2"]].round(4).tolist()
    [13.5, 0.7714]
    """
    check_level(level)
    rows = complete(table, [value, by])
    parts = _parts(rows, value, [by])
    samples = [part[value].to_numpy(float) for _, part in rows.groupby(by)]
    welch = anova_oneway(samples, use_var="unequal", welch_correction=True).pvalue
    fitted = _fit(rows.rename(columns={value: "y", by: "a"}), "y ~ C(a)", {"C(a)": by})
    return Anova(fitted, parts, tukey(table, value, by, level=level), _alike(samples), float(welch))


def two_way_anova(
    table: pd.DataFrame, value: str, first: str, second: str, *, interaction: bool = True,
    level: float = 0.95,
) -> Anova:  # fmt: skip
    """Test two factors and how they act together, with sums of squares of type II.

    Parameters
    ----------
    table, value, level
        As for `one_way_anova`.
    first, second : str
        The columns of the factors.
    interaction : bool, default True
        Whether the effect of one may depend on the other.

    Raises
    ------
    ValueError
        As for `one_way_anova`, or when a combination of levels does not occur and an interaction
        is asked for.
    """
    check_level(level)
    rows = complete(table, [value, first, second])
    groups = _parts(rows, value, [first, second])
    n_cells = rows[first].nunique() * rows[second].nunique()
    if interaction and len(groups) < n_cells:
        raise ValueError(
            f"{n_cells - len(groups)} of {n_cells} combinations of {first!r} and {second!r} do not"
            " occur: the interaction cannot be tested; set interaction=False"
        )
    named = rows.rename(columns={value: "y", first: "a", second: "b"})
    sources = {"C(a)": first, "C(b)": second, "C(a):C(b)": f"{first} x {second}"}
    fitted = _fit(named, f"y ~ C(a) {'*' if interaction else '+'} C(b)", sources)
    pairs = [tukey(table, value, by, level=level).assign(factor=by) for by in (first, second)]
    samples = [part[value].to_numpy(float) for _, part in rows.groupby([first, second])]
    return Anova(fitted, groups, pd.concat(pairs, ignore_index=True), _alike(samples))


def tukey(table: pd.DataFrame, value: str, by: str, *, level: float = 0.95) -> pd.DataFrame:
    """Compare every pair of groups by Tukey's honestly significant difference.

    Returns
    -------
    DataFrame
        first, second, difference (second - first), low, high, p_value: all pairs together keep the
        level.

    Examples
    --------
    >>> yields = pd.DataFrame({"plot": list("aaabbb"), "kg": [1.0, 2, 3, 4, 5, 6]})
    >>> tukey(yields, "kg", "plot")[["first", "second", "difference"]].values.tolist()
    [['a', 'b', 3.0]]
    """
    check_level(level)
    rows = complete(table, [value, by])
    found = pairwise_tukeyhsd(rows[value].to_numpy(float), rows[by].astype(str), alpha=1 - level)
    names = np.array(found.groupsunique)
    left, right = np.triu_indices(len(names), 1)
    return pd.DataFrame(
        {
            "first": names[left].astype(object), "second": names[right].astype(object),
            "difference": found.meandiffs, "low": found.confint[:, 0],
            "high": found.confint[:, 1], "p_value": found.pvalues,
        }
    )  # fmt: skip


def _fit(rows: pd.DataFrame, formula: str, sources: dict[str, str]) -> pd.DataFrame:
    rows = rows.assign(y=rows["y"].astype(float))
    found = anova_lm(ols(formula, rows).fit(), typ=2)
    found.columns = ["sum_of_squares", "df", "f", "p_value"]
    found.insert(2, "mean_square", found["sum_of_squares"] / found["df"])
    error = found.loc["Residual"]
    total = float(((rows["y"] - rows["y"].mean()) ** 2).sum())
    effect = found["sum_of_squares"].drop("Residual")
    found["eta2"] = effect / total
    found["partial_eta2"] = effect / (effect + error["sum_of_squares"])
    biased = effect - found["df"].drop("Residual") * error["mean_square"]
    found["omega2"] = biased / (total + error["mean_square"])
    return found.rename(index={**sources, "Residual": "residual"})


def _parts(rows: pd.DataFrame, value: str, by: list[str]) -> pd.DataFrame:
    groups = rows.groupby(by)[value].agg(n="count", mean="mean", sd="std").reset_index()
    small = groups[groups["n"] < 2]
    if len(small):
        names = small[by].astype(str).agg(" / ".join, axis=1).tolist()
        raise ValueError(f"groups of one row cannot be compared: {names}")
    return groups


def _alike(samples: list[np.ndarray]) -> float:
    return float(levene(*samples, center="median").pvalue)
