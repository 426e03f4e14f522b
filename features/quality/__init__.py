"""Quality of what a warehouse holds: complete, valid, unique, consistent and fresh."""

from features.quality.report import QualityReport, quality
from features.quality.thresholds import Threshold, thresholds_of

__all__ = ["QualityReport", "Threshold", "quality", "thresholds_of"]
