"""Rotations of factors, so that each variable loads on few of them."""

from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rotation", "oblimin", "promax", "rotate", "varimax"]

Rotation = Literal["varimax", "promax", "oblimin", "none"]
Values = NDArray[np.float64]


def rotate(loadings: Values, rotation: Rotation) -> tuple[Values, Values]:
    """Rotate loadings; give them and the correlations of the factors.

    Raises
    ------
    ValueError
        When the rotation is unknown.
    """
    if rotation not in ("varimax", "promax", "oblimin", "none"):
        raise ValueError(f"rotation is 'varimax', 'promax', 'oblimin' or 'none', not {rotation!r}")
    alone = np.eye(loadings.shape[1])
    if rotation == "none" or loadings.shape[1] == 1:
        return loadings, alone
    if rotation == "varimax":
        return varimax(loadings), alone
    return promax(loadings) if rotation == "promax" else oblimin(loadings)


def varimax(loadings: Values, *, max_iter: int = 1000) -> Values:
    """Rotate so that squared loadings vary most, with Kaiser's normalisation (Kaiser 1958).

    Examples
    --------
    >>> mixed = np.array([[0.8, 0.8], [0.7, 0.7], [0.6, -0.6], [0.5, -0.5]])
    >>> (np.abs(varimax(mixed)) < 1e-6).sum(axis=1).tolist()
    [1, 1, 1, 1]
    """
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    own = loadings / np.where(length > 0, length, 1)
    for _ in range(max_iter):
        angles = [_turn_pair(own, i, j) for i, j in combinations(range(own.shape[1]), 2)]
        if max(np.abs(angles)) < 1e-12:
            break
    return own * length


def _turn_pair(own: Values, i: int, j: int) -> float:
    """Turn two factors, in place, by the best angle, which Kaiser gives in closed form."""
    x, y = own[:, i].copy(), own[:, j].copy()
    u, v = x**2 - y**2, 2 * x * y
    up = 2 * (u * v).mean() - 2 * u.mean() * v.mean()
    along = (u**2 - v**2).mean() - (u.mean() ** 2 - v.mean() ** 2)
    if max(abs(up), abs(along)) < 1e-15:
        return 0.0
    angle = float(np.arctan2(up, along) / 4)
    own[:, i] = x * np.cos(angle) + y * np.sin(angle)
    own[:, j] = y * np.cos(angle) - x * np.sin(angle)
    return angle


def promax(loadings: Values, power: int = 4) -> tuple[Values, Values]:
    """Rotate towards the varimax loadings to a power (Hendrickson and White 1964).

    Returns
    -------
    loadings, factor correlations : ndarray
    """
    start = varimax(loadings)
    target = start * np.abs(start) ** (power - 1)
    turn = np.linalg.lstsq(start, target, rcond=None)[0]
    scale = np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    turn = turn * scale
    inverse = np.linalg.inv(turn)
    return start @ turn, inverse @ inverse.T


def oblimin(loadings: Values, *, max_iter: int = 2000) -> tuple[Values, Values]:
    """Rotate so that variables load on one factor each, by gradient projection (oblimin, gamma 0).

    Bernaards and Jennrich, "Gradient projection algorithms and software for arbitrary rotation
    criteria in factor analysis" (2005); with Kaiser's normalisation.

    Returns
    -------
    loadings, factor correlations : ndarray
    """
    start = varimax(loadings)
    length = np.sqrt((start**2).sum(axis=1, keepdims=True))
    scaled = start / np.where(length > 0, length, 1)
    others = 1 - np.eye(loadings.shape[1])
    turn, step = np.eye(loadings.shape[1]), 1.0
    own = scaled @ np.linalg.inv(turn).T
    worth = _quartimin(own, others)
    for _ in range(max_iter):
        slope = -(own.T @ (own * (own**2 @ others)) @ np.linalg.inv(turn)).T
        project = slope - turn * (turn * slope).sum(axis=0)
        size = float((project**2).sum())
        if size < 1e-18:
            break
        step *= 2
        for _ in range(30):
            new = turn - step * project
            new = new / np.sqrt((new**2).sum(axis=0))
            tried = scaled @ np.linalg.inv(new).T
            if _quartimin(tried, others) < worth - 0.5 * size * step:
                break
            step /= 2
        turn, own, worth = new, tried, _quartimin(tried, others)
    return own * length, turn.T @ turn


def _quartimin(own: Values, others: Values) -> float:
    return float((own**2 * (own**2 @ others)).sum() / 4)
