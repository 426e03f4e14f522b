"""Estimators in the manner of scikit-learn: no input or output, no configuration objects."""
