"""One YAML file to one frozen, strict configuration; nothing in it is ever evaluated."""

from pipelines.config.kinds import KINDS
from pipelines.config.loading import load, load_cross_sell
from pipelines.config.question import Question
from pipelines.config.reference import reference
from pipelines.config.resolved import public, resolved
from pipelines.config.schema import schema

__all__ = [
    "KINDS",
    "Question",
    "load",
    "load_cross_sell",
    "public",
    "reference",
    "resolved",
    "schema",
]
