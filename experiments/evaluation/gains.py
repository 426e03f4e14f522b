"""Gains and lift: how many of the responses are reached at each depth of a ranked list."""

import numpy as np
import pandas as pd

__all__ = ["gains_table"]


def gains_table(
    score: np.ndarray | pd.Series,
    response: np.ndarray | pd.Series,
    weight: np.ndarray | pd.Series | None = None,
    bins: int = 10,
) -> pd.DataFrame:
    """Cut a list, best score first, into equal parts and count the responses in each.

    Rows of equal score share their responses evenly, which is the expectation over every order
    of the ties; the result therefore does not depend on the row order.

    Parameters
    ----------
    score : array of float
        Larger is better; a probability or any score.
    response : array of float
        1 where the customer responded, else 0; amounts work too.
    weight : array of float, optional
        How many contacts a row stands for; default 1 each.
    bins : int
        Number of parts; fewer when there are fewer rows.

    Returns
    -------
    pandas.DataFrame
        One row a part: ``bin`` (1 = best), ``depth`` (share of contacts so far), in this part
        ``contacted``, ``responses``, ``response_rate`` and ``lift``, and up to here
        ``cumulative_contacted``, ``cumulative_responses``, ``cumulative_rate``,
        ``cumulative_lift`` and ``gain``. Whole rows are counted, so parts may differ by one.
        ``lift`` and ``gain`` are NaN when nobody responded.

    Raises
    ------
    ValueError
        When there is no row, lengths differ, a number is missing or a weight is negative.

    Notes
    -----
    response rate = responses / contacted; lift = response rate / response rate of everybody;
    gain = responses so far / all responses. See Ling and Li (1998), *Data mining for direct
    marketing*, KDD, and Hughes, *Strategic Database Marketing*.

    Examples
    --------
    >>> table = gains_table([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 1], bins=2)
    >>> table[["depth", "responses", "lift", "gain"]].round(3).values.tolist()
    [[0.5, 2.0, 1.333, 0.667], [1.0, 1.0, 0.667, 1.0]]
    """
    scores, responses, weights = _checked(score, response, weight)
    if bins < 1:
        raise ValueError(f"bins must be at least 1 but got {bins!r}.")
    levels = _by_level(scores, responses, weights)
    reached = _cumulative_at_cuts(scores, weights, levels, min(bins, len(scores)))
    return _table(reached, weights.sum(), (weights * responses).sum())


def _checked(
    score: np.ndarray | pd.Series,
    response: np.ndarray | pd.Series,
    weight: np.ndarray | pd.Series | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    given = [score, response, np.ones(len(score)) if weight is None else weight]
    scores, responses, weights = (np.asarray(values, dtype=np.float64) for values in given)
    if not len(scores):
        raise ValueError("gains need at least one row but got none.")
    if not len(scores) == len(responses) == len(weights):
        raise ValueError(
            f"score, response and weight differ in length: "
            f"{len(scores)}, {len(responses)}, {len(weights)}."
        )
    if np.isnan([scores, responses, weights]).any():
        raise ValueError("score, response and weight must not hold missing values.")
    if weights.min() < 0 or weights.sum() == 0:
        raise ValueError("weights must not be negative and must not all be zero.")
    return scores, responses, weights


def _by_level(scores: np.ndarray, responses: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Sum contacts and responses up to and with each distinct score, best first."""
    frame = pd.DataFrame({"contacts": weights, "responses": weights * responses})
    return frame.groupby(-scores, sort=True).sum().cumsum()


def _cumulative_at_cuts(
    scores: np.ndarray, weights: np.ndarray, levels: pd.DataFrame, bins: int
) -> pd.DataFrame:
    contacts = np.cumsum(weights[np.lexsort((weights, -scores))])
    share = np.arange(1, bins + 1) / bins
    # A hair less, so that rounding in the product cannot ask for one row more.
    rows = np.searchsorted(contacts, share * contacts[-1] * (1 - 1e-12))
    cuts = contacts[rows]
    responses = np.interp(cuts, [0, *levels["contacts"]], [0, *levels["responses"]])
    return pd.DataFrame({"contacted": cuts, "responses": responses})


def _table(reached: pd.DataFrame, contacts: float, responses: float) -> pd.DataFrame:
    part = reached.diff().fillna(reached.iloc[[0]])
    base = responses / contacts if responses else np.nan
    rate = part["responses"] / part["contacted"].where(part["contacted"] > 0)
    cumulative_rate = reached["responses"] / reached["contacted"]
    return pd.DataFrame(
        {
            "bin": np.arange(1, len(reached) + 1),
            "depth": reached["contacted"] / contacts,
            "contacted": part["contacted"],
            "responses": part["responses"],
            "response_rate": rate,
            "lift": rate / base,
            "cumulative_contacted": reached["contacted"],
            "cumulative_responses": reached["responses"],
            "cumulative_rate": cumulative_rate,
            "cumulative_lift": cumulative_rate / base,
            "gain": reached["responses"] / (responses or np.nan),
        }
    )
