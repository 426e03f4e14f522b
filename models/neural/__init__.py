"""Neural networks for tables: numeric embeddings, residual layers, rules taken out of them."""

from models.neural.estimators import NeuralClassifier, NeuralRegressor
from models.neural.rules import NetworkRules, rule_met, rules_of

__all__ = ["NetworkRules", "NeuralClassifier", "NeuralRegressor", "rule_met", "rules_of"]
