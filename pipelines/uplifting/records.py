"""What the question of uplift learned, as drafts of findings."""

import pandas as pd

from experiments.findings.draft import Draft, Evidence, Words
from pipelines.config.uplift import UpliftQuestion

__all__ = ["segment_drafts"]


def segment_drafts(segments: pd.DataFrame, config: UpliftQuestion) -> list[Draft]:
    """Make a draft of every segment that the treatment surely changes.

    Parameters
    ----------
    segments : pandas.DataFrame
        What `persuadable` gave.
    config : UpliftQuestion
        What was asked.
    """
    rows = segments[segments["verdict"] != "not sure"].to_dict("records")
    return [_draft({str(name): value for name, value in row.items()}, config) for row in rows]


def _draft(row: dict[str, object], config: UpliftQuestion) -> Draft:
    data = config.data
    effect, low, high = (float(str(row[name])) for name in ("effect", "low", "high"))
    told = f"{effect:+.4g} ({low:+.4g} - {high:+.4g})"
    return Draft(
        kind="effect",
        pattern={
            "subject": str(row["segment"]),
            "treatment": [str(data.treated), str(data.control)],
            "outcome": data.outcome,
        },
        words=Words(
            "plain",
            {
                "en": f"Where {row['segment']}: {data.treated} changes {data.outcome} by {told}"
                f" a customer; {row['verdict']}.",
                "zh": f"{row['segment']}: {data.treated} 使 {data.outcome} 每位客户变化 {told}。",
            },
        ),
        evidence=Evidence(
            n=int(float(str(row["treated"])) + float(str(row["control"]))),
            value=effect,
            value_low=low,
            value_high=high,
            unit="share",
            level=config.evaluation.level,
            held_out=True,
        ),
        source="tree",
    )
