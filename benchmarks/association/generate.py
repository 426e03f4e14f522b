"""Baskets drawn from hidden patterns, after the generator of Agrawal and Srikant (1994)."""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_baskets", "draw_dense", "draw_patterns"]


def draw_patterns(
    rng: np.random.Generator, n_items: int, n_patterns: int, mean_length: float
) -> list[NDArray[np.int64]]:
    """Draw patterns that share about half of their items with the one before."""
    patterns: list[NDArray[np.int64]] = []
    for length in np.maximum(1, rng.poisson(mean_length, n_patterns)):
        share = min(rng.exponential(0.5), 1.0)
        old: NDArray[np.int64] | list[int] = (
            rng.permutation(patterns[-1])[: int(share * length)] if patterns else []
        )
        new = rng.integers(0, n_items, length - len(old))
        patterns.append(np.unique(np.concatenate([old, new]).astype(np.int64)))
    return patterns


def draw_baskets(
    n_baskets: int,
    n_items: int = 1_000,
    n_patterns: int = 2_000,
    mean_basket: float = 10,
    mean_pattern: float = 4,
    seed: int = 0,
) -> list[NDArray[np.int64]]:
    """Draw baskets; T10I4 in the usual shorthand is a mean basket of 10 and pattern of 4."""
    rng = np.random.default_rng(seed)
    patterns = draw_patterns(rng, n_items, n_patterns, mean_pattern)
    odds = rng.exponential(1.0, n_patterns)
    corruption = np.clip(rng.normal(0.5, 0.1**0.5, n_patterns), 0.05, 0.95)
    n_draws = int(n_baskets * mean_basket / mean_pattern * 3)
    draws = iter(rng.choice(n_patterns, n_draws, p=odds / odds.sum()).tolist())
    baskets = []
    for size in np.maximum(1, rng.poisson(mean_basket, n_baskets)):
        basket: list[int] = []
        while len(basket) < size:
            number = next(draws)
            kept = rng.random(len(patterns[number])) >= corruption[number]
            basket.extend(patterns[number][kept].tolist())
        baskets.append(np.unique(basket))
    return baskets


def draw_dense(
    n_baskets: int, n_attributes: int = 37, n_kinds: int = 3, seed: int = 7
) -> list[NDArray[np.int64]]:
    """Draw rows of two-valued attributes, as chess positions are: each is an item or another."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, n_kinds, n_baskets)
    odds = rng.beta(5, 0.7, (n_kinds, n_attributes))
    values = (rng.random((n_baskets, n_attributes)) > odds[kinds]).astype(np.int64)
    return list(2 * np.arange(n_attributes) + values + 1)


def main() -> None:
    """Write baskets, one a line, items separated by blanks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_baskets", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dense", action="store_true")
    given = parser.parse_args()
    draw = draw_dense if given.dense else draw_baskets
    lines = (" ".join(map(str, basket)) for basket in draw(given.n_baskets, seed=given.seed))
    given.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
