"""The uplift models by the name that a configuration gives them."""

from models.uplift.base import UpliftModel
from models.uplift.meta import ResponseRanking, TransformedOutcome, TwoModel, XLearner
from models.uplift.tree import UpliftForest, UpliftTree

__all__ = ["UPLIFT_MODELS"]

UPLIFT_MODELS: dict[str, type[UpliftModel]] = {
    "response": ResponseRanking,
    "two-model": TwoModel,
    "transformed": TransformedOutcome,
    "x-learner": XLearner,
    "tree": UpliftTree,
    "forest": UpliftForest,
}
"""By name; ``response`` ranks by response and knows no effect."""
