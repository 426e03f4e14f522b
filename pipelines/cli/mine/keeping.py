"""The options that make findings of patterns."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lodeworks.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.mine import Keep

__all__ = ["Keeping"]

PANEL = "Findings"


@dataclass(frozen=True)
class Keeping:
    """Where patterns are kept to be judged."""

    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="WORKSPACE",
            help="Keep the patterns as findings of this workspace too; see `lode findings`.",
            show_default=False,
            file_okay=False,
            rich_help_panel=PANEL,
        ),
    ] = None
    question: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What the findings are about; default: the name of the file.",
            show_default=False,
            rich_help_panel=PANEL,
        ),
    ] = None

    def keeper(self, what: str, file: Path) -> "Keep | None":
        """Give what keeps the patterns; None where they are not to be kept.

        Raises
        ------
        ConfigError
            When a question is named for nothing.
        DataError
            When the findings cannot be trusted.
        """
        if self.keep is None:
            if self.question is not None:
                raise ConfigError("--question is the name of what --keep keeps: give --keep too")
            return None
        from pipelines.findings.mined import keep_patterns
        from pipelines.findings.place import store_of

        workspace, question = self.keep, self.question or file.name
        store_of(workspace).check()

        def keep(found: "pa.Table", about: dict[str, Any]) -> str:
            return keep_patterns(found, what, about, workspace, question)

        return keep
