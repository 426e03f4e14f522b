"""What customers are worth: probability models of buying, lifetime value, equity, choice."""

from models.value.bgnbd import BetaGeometricNBD
from models.value.concentration import concentration_curve, profit_by_period
from models.value.gammagamma import GammaGamma
from models.value.histories import Histories, purchase_histories
from models.value.lifetime import constant_lifetime_value, lifetime_value, what_if
from models.value.nbd import NBD
from models.value.newcomers import future_cohorts
from models.value.paretonbd import ParetoNBD
from models.value.purchases import PurchaseModel
from models.value.registry import COMPLEXITY, PURCHASE_MODELS
from models.value.relationship import (
    potential_profitability,
    relationship_profitability,
    share_of_wallet_profit,
)
from models.value.same_rate import SameRate
from models.value.selection import Selection, select_by_value
from models.value.switching import (
    brand_shares,
    customer_equity,
    steady_shares,
    switching_value,
)
from models.value.tracking import expected_repeats, tracking_table
from models.value.transitions import SwitchingEstimate, estimate_switching, main_brands

__all__ = [
    "COMPLEXITY",
    "NBD",
    "PURCHASE_MODELS",
    "BetaGeometricNBD",
    "GammaGamma",
    "Histories",
    "ParetoNBD",
    "PurchaseModel",
    "SameRate",
    "Selection",
    "SwitchingEstimate",
    "brand_shares",
    "concentration_curve",
    "constant_lifetime_value",
    "customer_equity",
    "estimate_switching",
    "expected_repeats",
    "future_cohorts",
    "lifetime_value",
    "main_brands",
    "potential_profitability",
    "profit_by_period",
    "purchase_histories",
    "relationship_profitability",
    "select_by_value",
    "share_of_wallet_profit",
    "steady_shares",
    "switching_value",
    "tracking_table",
    "what_if",
]
