"""The report of a question about one outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.classification import (
    auc,
    brier,
    calibration_table,
    cut_table,
    depth_table,
    log_loss,
)
from experiments.report.numbers import compact, count, money
from experiments.report.plots import Plot
from experiments.report.sheet import Part, Sheet
from experiments.report.svg import Bar, Line, interval_chart, line_chart
from pipelines.config.predict import Predict
from pipelines.predicting.competing import Competed
from pipelines.predicting.deciding import Decision
from pipelines.predicting.records import Sample
from pipelines.predicting.words import WORDS, Wording
from pipelines.predicting.worth import Worth

__all__ = ["Findings", "page"]

POINTS = 80
SHOWN_COLUMNS = 12
STYLES = 8


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that the page tells.

    Attributes
    ----------
    config : Predict
        What was asked.
    sample : Sample
        The records.
    competed, decision, board
        The classifiers, the choice, and the table of both.
    worth : Worth
        Money of the rule on the records held out.
    probability : numpy.ndarray of float64
        Of the records held out, by the winner.
    columns : pandas.DataFrame
        What moves the winner.
    listed : pandas.DataFrame
        The list.
    verdict : str
        Whether the neural network is worth its time.
    """

    config: Predict
    sample: Sample
    competed: Sequence[Competed]
    decision: Decision
    board: pd.DataFrame
    worth: Worth
    probability: np.ndarray
    columns: pd.DataFrame
    listed: pd.DataFrame
    verdict: str

    @property
    def words(self) -> Wording:
        """Words of the question."""
        return WORDS[self.config.question]

    @property
    def currency(self) -> str:
        """Code of the money."""
        return self.config.economics.currency

    @property
    def outcome(self) -> np.ndarray:
        """What happened to the records held out."""
        return self.sample.held.outcome


def page(found: Findings) -> Sheet:
    """Write the report."""
    worth = found.worth
    pays = worth.profit.low > 0
    return Sheet(
        title=f"{found.words.title}: {found.config.name}",
        headline=_headline(found),
        mood="good" if pays else ("bad" if worth.profit.high < 0 else "open"),
        verdict=_verdict(found),
        lead=_lead(found),
        tiles=_tiles(found),
        parts=[
            _whom(found),
            _curves(found),
            _calibration(found),
            _why(found),
            _candidates(found),
            *_win_back(found),
        ],
        doubts=_doubts(found),
        currency=found.currency,
        about={"records": found.sample.about, "seed": str(found.config.seed)},
    )


def _headline(found: Findings) -> str:
    acted = found.listed[found.listed["act"]]
    words, total = found.words, len(found.listed)
    if not len(acted):
        return f"{words.act.capitalize()} nobody: none of {total:,} {words.people} would pay."
    expected = money(float(acted["expected_profit"].sum()), found.currency)
    whom = f"{len(acted):,} of {total:,} {words.people}"
    return f"{words.act.capitalize()} {whom} should earn {expected}."


def _verdict(found: Findings) -> str:
    profit = found.worth.profit
    ends = f"{_money(found, profit.low)} to {_money(found, profit.high)}"
    held = f"{len(found.outcome):,} records held out"
    return f"on the {held} the rule earned {_money(found, profit.mean)}, interval {ends}"


def _lead(found: Findings) -> list[str]:
    worth, words, outcome = found.worth, found.words, found.outcome
    rate = float(outcome.mean())
    told = [
        f"Of {len(outcome):,} records held out, {outcome.sum():,.0f} ({rate:.1%}) had the outcome"
        f" ({words.what}). The rule acts upon {worth.records:,} of them and reaches"
        f" {worth.hits:,.0f}, {_times(worth, rate)}.",
        f"Acting upon everybody would have brought {_money(found, worth.everybody)}, the rule"
        f" {_money(found, worth.profit.mean)}; it had expected {_money(found, worth.expected)}.",
    ]
    if worth.mistakes is not None:
        part = worth.mistakes
        told.append(
            f"Both mistakes together cost {part.mean:.3f} a record (interval {part.low:.3f} to"
            f" {part.high:.3f}); acting upon nobody"
            f" {found.outcome.mean() * found.config.economics.matrix.missed:.3f}."  # type: ignore[union-attr]
        )
    return told


def _times(worth: Worth, rate: float) -> str:
    if not worth.records or rate == 0:
        return "none by chance"
    return f"{worth.hits / worth.records / rate:.1f} times as many as by chance"


def _tiles(found: Findings) -> dict[str, tuple[str, str]]:
    area = auc(found.probability, found.outcome, level=found.config.evaluation.level)
    acted = int(found.listed["act"].sum())
    return {
        "on the list": (count(acted), f"of {len(found.listed):,}"),
        "measured profit": (
            _money(found, found.worth.profit.mean),
            f"{_money(found, found.worth.profit.low)} to {_money(found, found.worth.profit.high)}",
        ),
        "AUC": (f"{area.mean:.3f}", f"{area.low:.3f} to {area.high:.3f}, held out"),
        "winner": (found.decision.winner.name, found.decision.winner.kind.family),
    }


def _whom(found: Findings) -> Part:
    listed = found.listed
    rows = [_group("to act upon", listed[listed["act"]])]
    if "loyal" in listed:
        rows += [
            _group("of them loyal", listed[listed["act"] & listed["loyal"]]),
            _group("of them others", listed[listed["act"] & ~listed["loyal"]]),
        ]
    rows.append(_group("to leave alone (if acted upon)", listed[~listed["act"]]))
    text = [
        "A record is acted upon when its probability times what a success brings is more than the"
        " cost, the best first within the limits.",
    ]
    if "loyal" in listed:
        text.append("Those who have been loyal come first, whatever their size.")
    reasons = _reason_counts(listed)
    tables = {"": pd.DataFrame(rows)}
    if len(reasons):
        tables["most frequent first reasons"] = reasons
    return Part(heading=f"Whom it pays: {found.words.act}", text=text, tables=tables)


def _group(name: str, part: pd.DataFrame) -> dict[str, object]:
    return {
        "records": name,
        "number": len(part),
        "mean_probability": float(part["probability"].mean()) if len(part) else np.nan,
        "expected_profit": float(part["expected_profit"].sum()),
    }


def _reason_counts(listed: pd.DataFrame) -> pd.DataFrame:
    first = listed.loc[listed["act"], "reason_1"]
    counts = first[first != ""].str.split(" is ").str[0].value_counts().head(8)
    return pd.DataFrame({"column": counts.index, "first_reason_of": counts.to_numpy()})


def _curves(found: Findings) -> Part:
    by_probability = cut_table(
        found.probability,
        found.outcome,
        cost=found.sample.held.cost,
        revenue=found.sample.held.revenue,
    )
    table = depth_table(by_probability)
    if found.config.economics.matrix is not None:
        table = table.drop(columns=["cost", "revenue", "roi"])
    figures = [_profit_plot(found), _gains_plot(found, by_probability), _roc_plot(by_probability)]
    return Part(
        heading="How deep to go",
        text=["All on records held out. Gains, response, lift and ROC by probability, money by the"
              " order of the list."],
        tables={"cumulative, most probable first": table},
        figures=figures,
    )  # fmt: skip


def _profit_plot(found: Findings) -> Plot:
    frame = _thinned(found.worth.cuts)
    lines = [Line("measured", frame["contacted"].to_numpy(float), frame["profit"].to_numpy(float))]
    picture = line_chart(
        "profit",
        "Profit by number of records acted upon",
        "Measured profit on records held out, the most promising first.",
        lines,
        x_label="records acted upon, most promising first",
        y_label=f"profit ({found.currency})",
        x_text=compact,
        y_text=lambda value: compact(value, found.currency),
        mark=float(found.worth.records),
        mark_text=f"stop at {found.worth.records:,}",
    )
    kept = ["contacted", "depth", "cost", "revenue", "profit", "roi"]
    return Plot(picture, "The mark is where the rule stops, chosen without these outcomes.",
                frame[kept], (("measured", "c1"),))  # fmt: skip


def _gains_plot(found: Findings, cuts: pd.DataFrame) -> Plot:
    frame = _thinned(cuts)
    x = frame["depth"].to_numpy(float)
    lines = [
        Line("by chance", np.array([0.0, 1.0]), np.array([0.0, 1.0]), "chance"),
        Line(found.decision.winner.name, x, frame["gain"].to_numpy(float), "c1"),
    ]
    picture = line_chart(
        "gains",
        "Cumulative gains",
        "Share of all outcomes reached against share of records acted upon.",
        lines,
        x_label="share acted upon",
        y_label="share of outcomes reached",
        x_text=_share,
        y_text=_share,
    )
    kept = ["depth", "gain", "lift", "response"]
    legend = tuple((line.name, line.style) for line in lines[::-1])
    return Plot(picture, "The diagonal is chance.", frame[kept], legend)


def _roc_plot(cuts: pd.DataFrame) -> Plot:
    frame = _thinned(cuts)
    lines = [
        Line("by chance", np.array([0.0, 1.0]), np.array([0.0, 1.0]), "chance"),
        Line(
            "measured", frame["false_positive_rate"].to_numpy(float), frame["gain"].to_numpy(float)
        ),
    ]
    picture = line_chart(
        "roc",
        "ROC curve",
        "Share of outcomes reached against share of the others acted upon.",
        lines,
        x_label="share of the others",
        y_label="share of outcomes reached",
        x_text=_share,
        y_text=_share,
    )
    kept = ["threshold", "false_positive_rate", "gain"]
    legend = tuple((line.name, line.style) for line in lines[::-1])
    return Plot(picture, "The area under it is the AUC.", frame[kept], legend)


def _calibration(found: Findings) -> Part:
    frame = calibration_table(found.probability, found.outcome)
    most = float(frame[["predicted", "observed"]].to_numpy().max())
    lines = [
        Line("perfect", np.array([0.0, most]), np.array([0.0, most]), "chance"),
        Line("observed", frame["predicted"].to_numpy(), frame["observed"].to_numpy(), dots=True),
    ]
    picture = line_chart(
        "calibration",
        "Observed against predicted probability",
        "Points on the diagonal mean that probabilities can be taken literally.",
        lines,
        x_label="predicted probability",
        y_label="observed share",
        x_text=_share,
        y_text=_share,
    )
    level = found.config.evaluation.level
    rows = {
        "AUC": auc(found.probability, found.outcome, level=level),
        "Brier score": brier(found.probability, found.outcome, level=level),
        "log loss": log_loss(found.probability, found.outcome, level=level),
    }
    figures = pd.DataFrame([_figure(name, part) for name, part in rows.items()])
    shown = frame.rename(columns={"low": "observed_low", "high": "observed_high"})
    legend = tuple((line.name, line.style) for line in lines[::-1])
    plot = Plot(picture, "Ten groups of equal size.", shown, legend)
    return Part(heading="Can the probabilities be trusted", tables={"": figures}, figures=[plot])


def _figure(name: str, part: Interval) -> dict[str, object]:
    return {"figure": name, "value": part.mean, "value_low": part.low, "value_high": part.high}


def _why(found: Findings) -> Part:
    return Part(
        heading="What moves the probability",
        text=[
            f"By {found.decision.winner.name}, on records held out. The list says for each record"
            " which of its own values raise it most.",
            "Each column counts with the others held still. Where columns say much the same, such"
            " as a sum and its parts, the direction of one of them says little.",
        ],
        tables={"": found.columns.head(SHOWN_COLUMNS)},
    )


def _candidates(found: Findings) -> Part:
    bars = [
        Bar(
            f"{row['candidate']}: {row['auc']:.4f}",
            row["auc"],
            row["auc_low"],
            row["auc_high"],
            strong=bool(row["winner"]),
        )
        for _, row in found.board.iterrows()
    ]
    picture = interval_chart(
        "candidates",
        "AUC of every classifier",
        "A dot is the mean over the outer folds, the bar its corrected interval.",
        bars,
        lambda value: f"{value:.2f}",
        "AUC (0.5 is chance, 1 is perfect)",
        base=0.5,
    )
    splits = found.config.evaluation
    plot = Plot(
        picture,
        f"Mean over {splits.folds} folds drawn {splits.repeats} times; corrected, as they share"
        " records.",
        found.board[["candidate", "auc", "auc_low", "auc_high"]],
    )
    names = ["candidate", "winner", "auc", "auc_low", "auc_high", "log_loss", "behind",
             "behind_low", "behind_high", "p", "held_out_auc", "held_out_auc_low",
             "held_out_auc_high", "held_out_profit", "held_out_profit_low", "held_out_profit_high",
             "held_out_hits", "seconds"]  # fmt: skip
    board = found.board[[name for name in names if name in found.board]]
    text = [found.decision.reason, *([found.verdict] if found.verdict else [])]
    return Part(heading="The classifiers", text=text, tables={"": board}, figures=[plot])


def _win_back(found: Findings) -> list[Part]:
    share = found.config.economics.win_back
    if share is None:
        return []
    records = [found.sample.train, found.sample.held]
    gone = [part.take(part.outcome == 1) for part in records]
    worth = np.concatenate([part.revenue * share - part.cost for part in gone])
    pays = worth > 0
    text = (
        f"{pays.sum():,} of {len(worth):,} who left are worth an offer that wins {share:.0%} of"
        f" them back: together {_money(found, float(worth[pays].sum()))}."
    )
    return [Part(heading="Winning back those who left", text=[text])]


def _doubts(found: Findings) -> list[str]:
    told = list(found.sample.notes)
    tuned = [one.name for one in found.competed if len(one.trials)]
    if tuned:
        told.append(
            "Parameters were searched on the same training records on which the classifiers are"
            " compared: the comparison flatters those that were searched longest. The records held"
            " out had no part in it."
        )
    if found.config.question == "retention" and found.config.data is not None:
        told.append(
            "Those on the list have not left: their probability says how much they are like those"
            " who did, over whatever time the table covers."
        )
    if found.config.question == "retention":
        told.append(
            "That an offer keeps the stated share of leavers is an assumption: only a test with a"
            " control group can tell."
        )
    return told


def _thinned(cuts: pd.DataFrame) -> pd.DataFrame:
    places = np.unique(np.linspace(0, len(cuts) - 1, POINTS).round().astype(int))
    return cuts.iloc[places].reset_index(drop=True)


def _share(value: float) -> str:
    return f"{compact(value * 100)}%"


def _money(found: Findings, value: float) -> str:
    return money(value, found.currency)
