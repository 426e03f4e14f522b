"""What a contact caused: estimates from a randomised control group, and how many it takes."""

from experiments.effect.compliance import complier_effect
from experiments.effect.estimate import Effect, effect
from experiments.effect.ratio import ratio_effect
from experiments.effect.records import EffectRecord
from experiments.effect.sample_ratio import SampleRatio, sample_ratio

__all__ = [
    "Effect",
    "EffectRecord",
    "SampleRatio",
    "complier_effect",
    "effect",
    "ratio_effect",
    "sample_ratio",
]
