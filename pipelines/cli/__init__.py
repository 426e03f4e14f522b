"""The command `lode`."""

from pipelines.cli.main import main

__all__ = ["main"]
