"""The section of a configuration about the findings of the workspace."""

from pipelines.config.sections import Section

__all__ = ["Knowledge"]


class Knowledge(Section):
    """What the findings of the workspace do for a run, and what the run adds to them."""

    vetoes: bool = True
    """Whether rejected rules bound the list: who meets IF is not offered THEN."""

    record: bool = True
    """Whether what the run learned is kept as findings."""
