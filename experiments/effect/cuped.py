"""Take out of an outcome what was known before: less noise, the same effect."""

import numpy as np

__all__ = ["adjusted"]


def adjusted(
    outcome: np.ndarray, treated: np.ndarray, covariates: np.ndarray
) -> tuple[np.ndarray, int]:
    """Subtract what the covariates foretell.

    The outcome loses theta times the distance of each covariate from its overall mean. Theta is
    the least-squares slope pooled over both groups, each around its own means, so that the effect
    itself does not enter it. The expected difference stays, as covariates are known before the
    groups were drawn (Deng, Xu, Kohavi and Walker 2013, *Improving the sensitivity of online
    controlled experiments by utilizing pre-experiment data*).

    Parameters
    ----------
    outcome : array of float, (customers,)
        The outcome.
    treated : array of bool, (customers,)
        The groups.
    covariates : array of float, (customers, columns)
        Known before; constant and redundant columns do no harm.

    Returns
    -------
    numpy.ndarray of float, (customers,)
        The outcome with less noise; its overall mean stays.
    int
        Number of independent columns: the degrees of freedom that the slopes took.
    """
    spread = covariates.std(axis=0)
    use = spread > 1e-12 * np.maximum(1.0, np.abs(covariates).max(axis=0, initial=0.0))
    x = (covariates[:, use] - covariates[:, use].mean(axis=0)) / spread[use]
    if not x.shape[1]:
        return outcome, 0
    theta, _, rank, _ = np.linalg.lstsq(_within(x, treated), _within(outcome, treated), rcond=1e-8)
    return outcome - x @ theta, int(rank)


def _within(values: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Centre the values on the mean of their own group."""
    centred = values.astype(np.float64, copy=True)
    for group in (treated, ~treated):
        centred[group] -= centred[group].mean(axis=0)
    return centred
