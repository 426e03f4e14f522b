"""`lode check`: tell whether a configuration is right, and what it says in full."""

from pipelines.cli import options
from pipelines.cli.output import emit, emit_json

__all__ = ["check"]


def check(
    config: options.Config,
    changes: options.Overrides = [],  # noqa: B006 (typer copies it)
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Check a configuration and print it with every default filled in."""
    from pipelines.config import load, public, resolved

    checked = load(config, options.overrides_with(changes, workspace))
    if json:
        emit_json({"config": public(checked)})
    else:
        emit(resolved(checked) + f"\n# {config} is fine.")
