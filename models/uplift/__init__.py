"""What a treatment changes, customer by customer: uplift models."""

from models.uplift.base import Experiment, UpliftModel, check_experiment
from models.uplift.meta import ResponseRanking, TransformedOutcome, TwoModel, XLearner
from models.uplift.registry import UPLIFT_MODELS
from models.uplift.tree import UpliftForest, UpliftTree

__all__ = [
    "UPLIFT_MODELS",
    "Experiment",
    "ResponseRanking",
    "TransformedOutcome",
    "TwoModel",
    "UpliftForest",
    "UpliftModel",
    "UpliftTree",
    "XLearner",
    "check_experiment",
]
