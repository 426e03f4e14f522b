"""The section of a configuration that says how far today may be from the training."""

from typing import Self

from pydantic import Field, model_validator

from pipelines.config.sections import Section, Share

__all__ = ["Monitoring"]


class Monitoring(Section):
    """How far new data may be from the training data before a person should look."""

    psi: float = Field(0.25, gt=0)
    """Largest population stability index of an indicator; one that chance alone could make is no
    alarm."""

    auc: float = Field(0.75, ge=0.5, le=1)
    """Largest AUC with which one indicator tells customers of today from those of the training."""

    missing: Share = 0.1
    """Most by which the share of missing values of an indicator may have grown."""

    volume_low: float = Field(0.5, ge=0)
    """Least customers and lines, as a multiple of the training's."""

    volume_high: float = Field(2.0, gt=0)
    """Most customers and lines, as a multiple of the training's."""

    rejected: Share = 0.1
    """Largest share of rejected rows."""

    unknown_items: Share = 0.2
    """Largest share of lines with items that the model does not know."""

    scores: float = Field(0.25, gt=0)
    """Largest stability index of the predicted probabilities."""

    offers: Share = 0.5
    """Most of the offers that may have moved to other items, beyond what chance moves."""

    calibration: Share = 0.25
    """Most by which purchases may differ from what an earlier list expected, as a share of that;
    counts only where the 99 % interval leaves it out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.volume_low >= self.volume_high:
            raise ValueError("volume_low must be below volume_high")
        return self
