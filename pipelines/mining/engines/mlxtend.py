"""mlxtend's FP-growth: slow, but another program's word."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lodeworks.progress import Progress
from pipelines.mining.engines.results import itemsets_of, just_below, kept
from pipelines.mining.search import Search

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Itemsets

__all__ = ["MlxtendEngine"]

_TASK = "search by mlxtend"


@dataclass(frozen=True)
class MlxtendEngine:
    """Searches in this process, on one thread, with a Python object an itemset."""

    name: ClassVar[str] = "mlxtend"
    libraries: ClassVar[tuple[str, ...]] = ("mlxtend", "pandas")

    def require(self) -> None:
        """Nothing is missing."""

    def itemsets(
        self, baskets: "Baskets", search: Search, budget: "Budget", progress: Progress
    ) -> "Itemsets":
        """Find all itemsets that stand in enough baskets."""
        import numpy as np
        import pandas as pd
        from mlxtend.frequent_patterns import fpgrowth

        progress.start(_TASK)
        frame = pd.DataFrame.sparse.from_spmatrix(baskets.matrix())  # type: ignore[attr-defined]
        share = just_below(search.min_count, len(baskets))
        found = fpgrowth(frame, min_support=share, max_len=search.max_length)
        progress.done(_TASK)
        counts = np.rint(found["support"].to_numpy() * len(baskets)).astype(np.int32)
        lengths = found["itemsets"].map(len).to_numpy(np.int64)
        items = np.fromiter((code for one in found["itemsets"] for code in one), np.int32)
        whole = itemsets_of(lengths, items, counts, baskets)
        return kept(whole, search, budget.limit(len(baskets.indices)), budget)
