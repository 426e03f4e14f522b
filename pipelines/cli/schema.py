"""`lode schema`: what a configuration may say."""

from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import emit

__all__ = ["schema"]


def schema(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference page instead.")
    ] = False,
    kind: Annotated[str, typer.Option("--kind", help="The business question.")] = "cross-sell",
    debug: options.Debug = False,
) -> None:
    """Print the JSON Schema of configurations."""
    import json

    from pipelines import config

    if markdown:
        emit(config.reference())
    else:
        emit(json.dumps(config.schema(kind), indent=2, ensure_ascii=False))
