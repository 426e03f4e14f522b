"""`lode version`: which version this is."""

from pipelines.cli.output import emit

__all__ = ["version", "version_text"]


def version() -> None:
    """Show the version."""
    emit(version_text())


def version_text() -> str:
    """Give name and version."""
    from lodeworks import __version__

    return f"lodeworks {__version__}"
