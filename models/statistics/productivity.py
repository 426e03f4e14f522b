"""Service productivity: what comes out, in quantity and quality, for what goes in."""

import pandas as pd

__all__ = ["service_productivity"]


def service_productivity(
    table: pd.DataFrame, quantity: str, quality: str, inputs: list[str]
) -> pd.DataFrame:
    """Give output quantity times quality by input, for every row and against the mean.

    Output that displeases is not counted in full: that is what tells services from goods.

    Parameters
    ----------
    table : DataFrame
        One row a unit, such as a branch or a month.
    quantity : str
        Column of the output, such as customers served.
    quality : str
        Column of its quality, 0 to 1, such as the satisfied share.
    inputs : list of str
        Columns of costs in the same unit; they are added.

    Returns
    -------
    DataFrame
        output, input, productivity, and index (1 is the productivity of all rows together).

    Raises
    ------
    ValueError
        When quality is not in 0 .. 1, quantity is negative, or an input is not positive.

    Examples
    --------
    >>> branches = pd.DataFrame({"served": [100, 100], "satisfied": [0.9, 0.6], "wages": [50, 50]})
    >>> service_productivity(branches, "served", "satisfied", ["wages"])["productivity"].tolist()
    [1.8, 1.2]
    """
    if not inputs:
        raise ValueError("at least one input column is needed")
    n, q = table[quantity].astype(float), table[quality].astype(float)
    spent = table[inputs].astype(float).sum(axis=1, min_count=len(inputs))
    problems = [
        (((q < 0) | (q > 1)).any(), f"quality {quality!r} lies between 0 and 1"),
        ((n < 0).any(), f"quantity {quantity!r} cannot be negative"),
        ((spent <= 0).any(), f"the sum of inputs {inputs} must be positive"),
    ]
    if found := [message for wrong, message in problems if wrong]:
        raise ValueError("; ".join(found))
    output = n * q
    whole = output.sum() / spent.sum()
    ratio = output / spent
    return pd.DataFrame(
        {"output": output, "input": spent, "productivity": ratio, "index": ratio / whole}
    )
