"""The report of the value classes."""

from collections.abc import Sequence

import pandas as pd

from experiments.report.plots import Plot
from experiments.report.sheet import Part, Sheet
from experiments.report.svg import Bar, interval_chart
from pipelines.config.value_classes import ValueClasses
from pipelines.valueclasses.bundled import ClassBundle
from pipelines.valueclasses.clients import Cases
from pipelines.valueclasses.judging import Judged

__all__ = ["page"]

FEW = 100
SURE = 0.6


def page(
    config: ValueClasses,
    cases: Cases,
    judged: Judged,
    bundle: ClassBundle,
    prospects: pd.DataFrame,
    customers: pd.DataFrame,
    notes: Sequence[str],
) -> Sheet:
    """Write the report; neither customers nor prospects are named on it.

    Parameters
    ----------
    config : ValueClasses
        What was asked.
    cases, judged, bundle
        Data, figures, the network with its rules.
    prospects, customers : pandas.DataFrame
        The prospects classed; how often each customer was found again.
    notes : sequence of str
        What a person must know.
    """
    network = judged.board[judged.board["candidate"] == "network"].iloc[0]
    guess = judged.board[judged.board["candidate"] == "most frequent"].iloc[0]
    beats = guess["behind_network_low"] > 0
    return Sheet(
        title=f"Customer value classes: {config.name}",
        headline=_headline(config, prospects, bundle),
        mood="good" if beats else "open",
        verdict=f"a customer's class is found in {network['right']:.0%} of the cases",
        lead=_lead(cases, network, guess, beats, bundle),
        tiles=_tiles(cases, network, bundle, prospects),
        parts=[
            _rules(bundle),
            _sure(judged),
            _again(judged, customers, config),
            *_prospects(prospects, config),
        ],
        doubts=[*_doubts(cases), *notes],
        about={"customers": f"{len(cases.ids):,}", "seed": str(config.seed)},
    )


def _headline(config: ValueClasses, prospects: pd.DataFrame, bundle: ClassBundle) -> str:
    top = list(config.data.classes[:2])
    if not len(prospects):
        return f"{len(bundle.rules)} rules tell the value classes apart."
    worth = int(prospects["value_class"].isin(top).sum())
    whom = f"{worth:,} of {len(prospects):,} prospects"
    return f"{whom} are probably of {top[0]} or {top[1]} value."


def _lead(
    cases: Cases, network: pd.Series, guess: pd.Series, beats: bool, bundle: ClassBundle
) -> list[str]:
    against = "measurably better than" if beats else "not measurably better than"
    return [
        f"From {len(cases.ids):,} customers whose class was stated, the network finds the class of"
        f" one it has not seen in {network['right']:.0%} of the cases (interval"
        f" {network['right_low']:.0%} to {network['right_high']:.0%}), and it or the one beside it"
        f" in {network['right_or_next']:.0%}.",
        f"That is {against} always saying the most frequent class ({guess['right']:.0%}).",
        f"{len(bundle.rules)} rules say the same as the network for"
        f" {bundle.meta['fidelity']:.0%} of real and made-up customers.",
    ]


def _tiles(
    cases: Cases, network: pd.Series, bundle: ClassBundle, prospects: pd.DataFrame
) -> dict[str, tuple[str, str]]:
    tiles = {
        "class found": (
            f"{network['right']:.0%}",
            f"{network['right_low']:.0%} to {network['right_high']:.0%}",
        ),
        "class or the next": (
            f"{network['right_or_next']:.0%}",
            f"{network['right_or_next_low']:.0%} to {network['right_or_next_high']:.0%}",
        ),
        "rules": (f"{len(bundle.rules)}", f"{bundle.meta['fidelity']:.0%} as the network"),
    }
    if len(prospects):
        sure = float((prospects["probability"] >= SURE).mean())
        tiles["sure by its own word"] = (f"{sure:.0%}", f"of {len(prospects):,} prospects")
    return tiles


def _rules(bundle: ClassBundle) -> Part:
    return Part(
        heading="Rules taken out of the network",
        text=[
            "A tree was taught the network's own answers for real and made-up customers; each rule"
            " is one of its leaves. Rows are those it covers, the share is of those for whom the"
            " network says the same."
        ],
        tables={"": bundle.rules.rename(columns={"fidelity": "share_as_the_network"})},
    )


def _sure(judged: Judged) -> Part:
    bars = [
        Bar(
            f"{row['candidate']}: {row['right']:.0%}",
            row["right"],
            row["right_low"],
            row["right_high"],
            strong=bool(row["winner"]),
        )
        for _, row in judged.board.iterrows()
    ]
    picture = interval_chart(
        "right",
        "Share of customers in their class",
        "A dot is the mean over repeated folds, the bar its corrected interval.",
        bars,
        lambda value: f"{value:.0%}",
        "share of customers in their class",
    )
    shown = ["candidate", "right", "right_low", "right_high"]
    plot = Plot(picture, "Each customer classed by models that had not seen it.",
                judged.board[shown])  # fmt: skip
    return Part(heading="How sure it is", tables={"": judged.board}, figures=[plot])


def _again(judged: Judged, customers: pd.DataFrame, config: ValueClasses) -> Part:
    groups = customers.groupby("stated")["found_again"].agg(["size", "mean"])
    order = [name for name in config.data.classes if name in groups.index]
    table = groups.loc[order].reset_index()
    table.columns = pd.Index(["stated", "customers", "share_found_again"])
    return Part(
        heading="Which classes are mistaken for which",
        tables={
            "stated class against the class found, mean over the repeats": judged.confusion,
            "by class": table,
        },
    )


def _prospects(prospects: pd.DataFrame, config: ValueClasses) -> list[Part]:
    if not len(prospects):
        return []
    rows = []
    for name in config.data.classes:
        part = prospects[prospects["value_class"] == name]
        rows.append(
            {
                "value_class": name,
                "prospects": len(part),
                "mean_probability": float(part["probability"].mean()),
                "share_surely": float((part["probability"] >= SURE).mean()) if len(part) else 0.0,
            }
        )
    text = f"Surely means a probability of at least {SURE:.0%} by the network."
    return [Part(heading="The prospects", text=[text], tables={"": pd.DataFrame(rows)})]


def _doubts(cases: Cases) -> list[str]:
    told = [
        "The classes are as a person stated them: the network learns that judgement, not money"
        " that was earned."
    ]
    if len(cases.ids) < FEW:
        told.append(
            f"{len(cases.ids)} customers are few: the intervals are wide, and nobody could be held"
            " out for good. Probabilities of single prospects are the network's own and cannot be"
            " calibrated."
        )
    return told
