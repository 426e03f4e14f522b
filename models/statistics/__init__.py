"""Statistics with intervals: tests, correlations, regressions, factors, and service figures."""

from models.statistics.ahp import AhpWeights, comparison_matrix, weigh_criteria
from models.statistics.anova import Anova, one_way_anova, tukey, two_way_anova
from models.statistics.before_after import BeforeAfter, before_after
from models.statistics.correlation import correlation_matrix, correlations
from models.statistics.discriminant import Discriminant, discriminant_analysis
from models.statistics.factors import FactorModel, bartlett, kmo, parallel_analysis
from models.statistics.loyalty import (
    loyalty_score,
    loyalty_shares,
    purchase_pattern,
    repeat_loyal,
)
from models.statistics.nonlinear import CURVES, Curve, CurveRegression
from models.statistics.productivity import service_productivity
from models.statistics.regression import Regression, linear_regression, logistic_regression
from models.statistics.returns import (
    internal_rate,
    net_present_value,
    payback_period,
    return_on_investment,
)
from models.statistics.satisfaction import satisfaction, satisfaction_by
from models.statistics.service_quality import DIMENSIONS, ITEMS, service_quality
from models.statistics.two_samples import (
    Comparison,
    compare_categories,
    compare_means,
    compare_ranks,
    compare_shares,
)

__all__ = [
    "CURVES",
    "DIMENSIONS",
    "ITEMS",
    "AhpWeights",
    "Anova",
    "BeforeAfter",
    "Comparison",
    "Curve",
    "CurveRegression",
    "Discriminant",
    "FactorModel",
    "Regression",
    "bartlett",
    "before_after",
    "compare_categories",
    "compare_means",
    "compare_ranks",
    "compare_shares",
    "comparison_matrix",
    "correlation_matrix",
    "correlations",
    "discriminant_analysis",
    "internal_rate",
    "kmo",
    "linear_regression",
    "logistic_regression",
    "loyalty_score",
    "loyalty_shares",
    "net_present_value",
    "one_way_anova",
    "parallel_analysis",
    "payback_period",
    "purchase_pattern",
    "repeat_loyal",
    "return_on_investment",
    "satisfaction",
    "satisfaction_by",
    "service_productivity",
    "service_quality",
    "tukey",
    "two_way_anova",
    "weigh_criteria",
]
