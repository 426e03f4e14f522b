"""The section of a configuration about the findings of the workspace."""

from typing import Literal

from pipelines.config.sections import Section

__all__ = ["Knowledge"]


class Knowledge(Section):
    """What the findings of the workspace do for a run, and what the run adds to them."""

    vetoes: bool = True
    """Whether rejected rules bound the list: who meets IF is not offered THEN."""

    accepted: Literal["ignore", "prefer", "require"] = "ignore"
    """What accepted rules and sequences do to the list: `ignore` = nothing; `prefer` = whoever
    meets IF and lacks THEN is offered THEN first, where limits and money allow; `require` = the
    list holds nothing else."""

    record: bool = True
    """Whether what the run learned is kept as findings."""
