"""Tracking, tuning, evaluation, reports, bundles and the registry."""
