"""Segmentations that are told in the customers' own terms."""

from models.segments.abc_classes import AbcClasses
from models.segments.base import Segmenter
from models.segments.cards import describe_segments, segment_names, segment_sizes
from models.segments.centres import KMeansSegments, MiniBatchSegments
from models.segments.conceptual import ConceptualSegments
from models.segments.criteria import WeightedScore
from models.segments.density import DensitySegments
from models.segments.distances import METRICS, distances, gower
from models.segments.grids import PORTFOLIO, cross_table, portfolio
from models.segments.hierarchical import HierarchicalSegments
from models.segments.matching import Matched, match_by_centres, match_by_members
from models.segments.medoids import KMedoids, faster_pam
from models.segments.migration import class_returns, flows, migration
from models.segments.mixture import MixtureSegments
from models.segments.pyramid import ValuePyramid
from models.segments.registry import SEGMENTERS, create_segmenter
from models.segments.rfm import RfmScores, rfm_name
from models.segments.rules import SegmentRules
from models.segments.separation import Gap, gap_statistic, silhouette
from models.segments.similarity import COEFFICIENTS, similarity
from models.segments.space import AttributeSpace
from models.segments.stability import (
    Stability,
    jaccard_of_segments,
    prediction_strength,
    stability,
)
from models.segments.variables import VariableClusters

__all__ = [
    "COEFFICIENTS",
    "METRICS",
    "PORTFOLIO",
    "SEGMENTERS",
    "AbcClasses",
    "AttributeSpace",
    "ConceptualSegments",
    "DensitySegments",
    "Gap",
    "HierarchicalSegments",
    "KMeansSegments",
    "KMedoids",
    "Matched",
    "MiniBatchSegments",
    "MixtureSegments",
    "RfmScores",
    "SegmentRules",
    "Segmenter",
    "Stability",
    "ValuePyramid",
    "VariableClusters",
    "WeightedScore",
    "class_returns",
    "create_segmenter",
    "cross_table",
    "describe_segments",
    "distances",
    "faster_pam",
    "flows",
    "gap_statistic",
    "gower",
    "jaccard_of_segments",
    "match_by_centres",
    "match_by_members",
    "migration",
    "portfolio",
    "prediction_strength",
    "rfm_name",
    "segment_names",
    "segment_sizes",
    "silhouette",
    "similarity",
    "stability",
]
