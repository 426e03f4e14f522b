"""The kinds of business questions, and the configuration of each."""

from importlib import import_module

from pipelines.config.question import Question

__all__ = ["KINDS", "model_of"]

KINDS: dict[str, str] = {
    "cross-sell": "pipelines.config.cross_sell:CrossSell",
    "predict": "pipelines.config.predict:Predict",
    "value-classes": "pipelines.config.value_classes:ValueClasses",
    "segments": "pipelines.config.segments:Segments",
    "deviation": "pipelines.config.deviation:Deviation",
    "uplift": "pipelines.config.uplift:UpliftQuestion",
    "value": "pipelines.config.value:ValueQuestion",
}
"""Where the class of each kind stands; imported when it is asked for."""


def model_of(kind: str) -> type[Question]:
    """Give the class that checks configurations of a kind."""
    module, _, name = KINDS[kind].partition(":")
    found: type[Question] = getattr(import_module(module), name)
    return found
