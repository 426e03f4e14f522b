"""One YAML file to one frozen, strict configuration; nothing in it is ever evaluated."""

from pipelines.config.loading import Config, load
from pipelines.config.reference import reference
from pipelines.config.resolved import public, resolved
from pipelines.config.schema import schema

__all__ = ["Config", "load", "public", "reference", "resolved", "schema"]
