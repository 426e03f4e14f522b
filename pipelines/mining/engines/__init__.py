"""Programs that search, behind one interface; they give the same patterns."""

from pipelines.mining.engines.base import Engine, ItemsetEngine, SequenceEngine
from pipelines.mining.engines.compiled import NumbaEngine
from pipelines.mining.engines.mlxtend import MlxtendEngine
from pipelines.mining.engines.spark import SparkEngine
from pipelines.mining.search import DEFAULT_MASTER

__all__ = [
    "Engine",
    "ItemsetEngine",
    "MlxtendEngine",
    "NumbaEngine",
    "SequenceEngine",
    "SparkEngine",
    "itemset_engine",
    "sequence_engine",
]


def itemset_engine(name: str, master: str = DEFAULT_MASTER) -> ItemsetEngine:
    """Give the engine for itemsets of that name: ``numba``, ``mlxtend`` or ``spark``."""
    engines = (NumbaEngine(), MlxtendEngine(), SparkEngine(master))
    return next(engine for engine in engines if engine.name == name)


def sequence_engine(name: str, master: str = DEFAULT_MASTER) -> SequenceEngine:
    """Give the engine for sequences of that name: ``numba`` or ``spark``."""
    engines = (NumbaEngine(), SparkEngine(master))
    return next(engine for engine in engines if engine.name == name)
