"""The models of buying by the name that a configuration gives them."""

from models.value.bgnbd import BetaGeometricNBD
from models.value.nbd import NBD
from models.value.paretonbd import ParetoNBD
from models.value.purchases import PurchaseModel
from models.value.same_rate import SameRate

__all__ = ["COMPLEXITY", "PURCHASE_MODELS"]

PURCHASE_MODELS: dict[str, type[PurchaseModel]] = {
    "same-rate": SameRate,
    "nbd": NBD,
    "bg-nbd": BetaGeometricNBD,
    "pareto-nbd": ParetoNBD,
}
"""By name."""

COMPLEXITY = {"same-rate": 1, "nbd": 2, "bg-nbd": 3, "pareto-nbd": 4}
"""How hard each is to explain; of two that forecast alike the simpler is taken."""
