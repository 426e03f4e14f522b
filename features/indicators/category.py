"""How spending is spread over categories."""

import re
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from features.cut import Cut
from features.exact import exact_sum

__all__ = ["TOP_CATEGORIES", "categories_of", "category"]

TOP_CATEGORIES = 12
"""Number of categories that get a share of their own."""

_PREFIX = "category_"


def category(cut: Cut, columns: Sequence[str] | None = None) -> ir.Table | None:
    """Tell which share of spending goes to each of the largest categories.

    Parameters
    ----------
    cut : Cut
        Its items may have categories.
    columns : sequence of str, optional
        Names of the columns to give, as an earlier call named them; others are left out. Default:
        the `TOP_CATEGORIES` categories with most spending (ties: the first in the alphabet).

    Returns
    -------
    ibis Table or None
        Keyed by ``customer_id``: ``category_<name>``, from 0 to 1 of all spending, and
        ``category_entropy`` (nats; 0 when all goes to one category). None without any category.
    """
    spent = _spent(cut)
    names = categories_of(cut)
    if not names:
        return None
    chosen = _chosen(names, columns)
    total = spent.group_by("customer_id").aggregate(total=exact_sum(spent.amount))
    shares = spent.inner_join(total, "customer_id")
    shares = shares.mutate(share=(shares.amount / shares.total.nullif(0.0)).fill_null(0.0))
    columns_of_shares = {
        column: (shares.category == name).ifelse(shares.share, 0.0).max()
        for name, column in chosen.items()
    }
    return shares.group_by("customer_id").aggregate(
        **columns_of_shares, category_entropy=_entropy(shares.share)
    )


def _spent(cut: Cut) -> ir.Table:
    known = cut.items.filter(cut.items.category.notnull()).select("item_id", "category")
    lines = cut.lines.inner_join(known, "item_id")
    return lines.group_by("customer_id", "category").aggregate(amount=exact_sum(lines.amount))


def categories_of(cut: Cut) -> list[str]:
    """Give all categories that anything was bought of, those with most spending first."""
    if cut.categories is not None:
        return list(cut.categories)
    spent = _spent(cut)
    sums = spent.group_by("category").aggregate(amount=exact_sum(spent.amount))
    ranked = sums.order_by(ibis.desc("amount"), ibis.asc("category")).to_pandas()
    return [str(name) for name in ranked["category"]]


def _chosen(names: Sequence[str], columns: Sequence[str] | None) -> dict[str, str]:
    column_of = _column_names(sorted(names))
    if columns is None:
        return {name: column_of[name] for name in names[:TOP_CATEGORIES]}
    return {name: column for name, column in column_of.items() if column in set(columns)}


def _column_names(names: Sequence[str]) -> dict[str, str]:
    """Name a column after each category in plain letters: LightGBM refuses many others."""
    named: dict[str, str] = {}
    for name in names:
        plain = _PREFIX + (re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_") or "other")
        taken = set(named.values()) | {_PREFIX + "entropy"}
        numbered = (f"{plain}_{n}" for n in range(2, len(names) + 3))
        named[name] = plain if plain not in taken else next(n for n in numbered if n not in taken)
    return named


def _entropy(share: ir.NumericColumn) -> ir.NumericValue:
    term = (share > 0).ifelse(-share * share.nullif(0.0).ln(), 0.0)
    return exact_sum(term, places=12)
