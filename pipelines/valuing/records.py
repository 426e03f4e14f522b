"""What the question of value learned, as drafts of findings."""

import pandas as pd

from experiments.findings.draft import Draft, Evidence, Words
from pipelines.config.value import ValueQuestion
from pipelines.segmenting.publishing import hidden_classes

__all__ = ["class_drafts"]


def class_drafts(customers: pd.DataFrame, config: ValueQuestion, source: str) -> list[Draft]:
    """Make a draft of every class of value that is large enough to be told of.

    Parameters
    ----------
    customers : pandas.DataFrame
        ``value_class``, ``lifetime_value``.
    config : ValueQuestion
        What was asked.
    source : str
        The model.
    """
    total = float(customers["lifetime_value"].sum())
    sizes = customers["value_class"].value_counts().sort_index()
    hidden = set(sizes.index[hidden_classes(sizes, config.privacy.min_group)])
    drafts = []
    for name, value in customers.groupby("value_class")["lifetime_value"]:
        if name in hidden:
            continue
        share, mean = len(value) / len(customers), float(value.mean())
        carried = float(value.sum()) / total if total > 0 else 0.0
        worth = f"{mean:,.2f} {config.economics.currency}"
        days = config.economics.horizon
        drafts.append(
            Draft(
                kind="value-class",
                pattern={"class": str(name), "horizon": days},
                words=Words(
                    "plain",
                    {
                        "en": f"Class {name}: {len(value):,} customers ({share:.1%}), worth {worth}"
                        f" each over {days} days; they carry {carried:.0%} of the value.",
                        "zh": f"{name}: {len(value):,} ({share:.1%}), {days} 天, 人均 {worth},"
                        f" 占总价值 {carried:.0%}。",
                    },
                ),
                evidence=Evidence(n=len(customers), support=share, value=carried, unit="share"),
                money=float(value.sum()),
                currency=config.economics.currency,
                source=source,
            )
        )
    return drafts
