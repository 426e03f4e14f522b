"""What is not as it usually is, each with the sentence that says why."""

from models.deviation.change import Cusum, changes, cusum, robust_z
from models.deviation.exceptions import rule_exceptions
from models.deviation.expected import expected_values
from models.deviation.members import AbnormalMembers
from models.deviation.residuals import Residuals
from models.deviation.scale import RobustScale, robust_spread

__all__ = [
    "AbnormalMembers",
    "Cusum",
    "Residuals",
    "RobustScale",
    "changes",
    "cusum",
    "expected_values",
    "robust_spread",
    "robust_z",
    "rule_exceptions",
]
