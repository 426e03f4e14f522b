"""The job of the question what customers are worth."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.warehouse import Warehouse
from lodeworks.errors import DataError
from lodeworks.progress import Progress
from models.segments import ValuePyramid
from models.value import (
    PURCHASE_MODELS,
    GammaGamma,
    Selection,
    concentration_curve,
    customer_equity,
    profit_by_period,
    purchase_histories,
    select_by_value,
    tracking_table,
)
from pipelines.config.value import ValueQuestion
from pipelines.crosssell.prepare import plan_windows
from pipelines.questions import Answer, QuestionJob
from pipelines.valuing.brands import Moved, moved_between
from pipelines.valuing.bundled import (
    ValueBundle,
    read_value_bundle,
    value_class,
    value_table,
    write_value_bundle,
)
from pipelines.valuing.compete import Contest, compete
from pipelines.valuing.equity import equity_table
from pipelines.valuing.histories import Calibrated, calibrated, read_lines, repeat_buyers
from pipelines.valuing.look_alikes import look_alikes, traits_at
from pipelines.valuing.page import Found, page
from pipelines.valuing.promoting import ValueJudge
from pipelines.valuing.records import class_drafts
from pipelines.valuing.relating import Known, known_of_relations, relations
from pipelines.valuing.switching import Switched, switched

__all__ = ["Job"]


@dataclass(frozen=True)
class _Final:
    """The winner fitted on everything, and what it says."""

    bundle: ValueBundle
    folder: Path
    histories: pd.DataFrame


@dataclass(frozen=True)
class _Read:
    """What was read at the end of the outcome."""

    lines: pd.DataFrame
    traits: pd.DataFrame
    known: Known | None
    moved: Moved | None


class Job(QuestionJob):
    """Fits the models of buying, holds them against what came, and prices every customer."""

    def __init__(self, config: ValueQuestion, progress: Progress, fresh: bool) -> None:
        super().__init__(config, progress, fresh)
        self.config = config

    def answer(self, warehouse: Warehouse) -> Answer:
        """Answer the question."""
        config, window = self.config, self.config.window
        as_of, until = self._days(warehouse)
        self.progress.start("transform: histories")
        lines = read_lines(warehouse, until, window.observe)
        seen = calibrated(lines, as_of, until, window.unit)
        self.progress.done("transform: histories", f"{len(seen.histories):,} customers")
        self.progress.start("mine: models of buying")
        contest = compete(
            config.models,
            seen,
            unit=window.unit,
            level=config.evaluation.level,
            bootstrap=config.evaluation.bootstrap,
            seed=config.seed,
        )
        self.progress.done("mine: models of buying", contest.winner)
        final = self._final(contest, seen, until)
        read = _Read(
            lines=lines,
            traits=traits_at(warehouse, until, window.observe),
            known=known_of_relations(warehouse, until, config),
            moved=self._moved(warehouse, until),
        )
        return self._answer(read, seen, contest, final)

    def _moved(self, warehouse: Warehouse, until: date) -> Moved | None:
        config = self.config
        if config.switching is None:
            return None
        level = config.evaluation.level
        return moved_between(warehouse, until, config.window.observe, config.switching, level)

    def _days(self, warehouse: Warehouse) -> tuple[date, date]:
        window = self.config.window
        planned = plan_windows(
            warehouse,
            window.as_of,
            observe=window.observe,
            gap=0,
            outcome=window.outcome,
            n=0,
        )[0]
        return planned.as_of, planned.as_of + timedelta(days=window.outcome)

    def _final(self, contest: Contest, seen: Calibrated, until: date) -> _Final:
        """Fit the winner at the end of the outcome and export it; kept like every other stage."""
        histories = purchase_histories(seen.purchases, str(until), self.config.window.unit)
        repeat_buyers(histories, until)
        meta = self._meta(contest, seen, until)
        depends = {"warehouse": self.digest, "meta": meta}

        def make(folder: Path) -> None:
            buying = PURCHASE_MODELS[contest.winner]().fit(histories)
            bundle = ValueBundle(buying, _spending(histories), meta)
            value = value_table(bundle, histories)["lifetime_value"]
            pyramid = ValuePyramid(**self.config.classes.model_dump()).fit(value)
            cuts = [float(min(cut, 1e300)) for cut in pyramid.cuts_]
            bundle = replace(bundle, meta={**meta, "cuts": cuts})
            write_value_bundle(folder / "bundle", bundle)

        folder = self.cache.step("act", "bundle", depends, make).folder / "bundle"
        return _Final(read_value_bundle(folder), folder, histories)

    def _meta(self, contest: Contest, seen: Calibrated, until: date) -> dict[str, Any]:
        config = self.config
        return {
            "kind": "value",
            "name": config.model_name,
            "model": contest.winner,
            "unit": config.window.unit,
            "outcome": config.window.outcome,
            "observe": config.window.observe,
            "economics": config.economics.model_dump(mode="json"),
            "classes": config.classes.model_dump(mode="json"),
            "trained_through": str(until),
            "held_out": ValueJudge(config, seen, contest).figure.to_dict(),
            "seed": config.seed,
            "timezone": config.timezone,
            "currency": config.currency,
            "sources": [
                source.model_dump(mode="json", by_alias=True, exclude={"url"})
                for source in config.sources
                if source.table == "lines"
            ],
        }

    def _answer(self, read: _Read, seen: Calibrated, contest: Contest, final: _Final) -> Answer:
        config = self.config
        found = self._found(read, seen, contest, final)
        return Answer(
            sheet=page(found),
            metrics=_metrics(found),
            tables=_tables(found),
            bundle=final.folder,
            judge=ValueJudge(config, seen, contest),
            candidates=contest.board,
            records=class_drafts(found.customers, config, contest.winner),
            facts=_facts(found),
            notes=[contest.reason, *([] if found.relations is None else found.relations.notes)],
        )

    def _found(self, read: _Read, seen: Calibrated, contest: Contest, final: _Final) -> Found:
        config = self.config
        table = priced(final.bundle, final.histories)
        chosen = self._chosen(table)
        customers = table.assign(chosen=chosen.chosen).sort_values(
            ["lifetime_value", "customer_id"], ascending=[False, True]
        )
        periods = _profits(read.lines, config)
        profit = periods.groupby("customer_id")["profit"].sum()
        return Found(
            config=config,
            seen=seen,
            contest=contest,
            bundle=final.bundle,
            customers=customers,
            selection=chosen,
            tracking=_tracked(contest, seen, config.window.unit),
            curve=concentration_curve(profit),
            periods=periods,
            alike=look_alikes(profit, read.traits, config),
            what_if=self._what_if(final),
            relations=None if read.known is None else relations(customers, read.known, config),
            switched=self._switched(customers, read.moved),
            equity=None
            if config.future is None
            else equity_table(customers, final.bundle, config.future),
        )

    def _switched(self, customers: pd.DataFrame, moved: Moved | None) -> Switched | None:
        asked, money = self.config.switching, self.config.economics
        if asked is None:
            return None
        usual = float(customers["expected_spend"].mean()) * money.margin
        profit = usual if asked.profit is None else asked.profit
        return switched(asked, profit, money.discount, self.config.what_if.discounts, moved)

    def _chosen(self, table: pd.DataFrame) -> Selection:
        choose = self.config.choose
        limits = [np.inf]
        limits += [] if choose.capacity is None else [float(choose.capacity)]
        limits += [] if choose.budget is None else [np.floor(choose.budget / choose.cost)]
        return select_by_value(table["lifetime_value"] - choose.cost, 1.0, min(limits))

    def _what_if(self, final: _Final) -> pd.DataFrame:
        asked = self.config.what_if
        rows = [
            (
                discount,
                retention,
                value_table(final.bundle, final.histories, discount=discount, retention=retention)[
                    "lifetime_value"
                ].sum(),
            )
            for discount in asked.discounts
            for retention in asked.retentions
        ]
        return pd.DataFrame(rows, columns=["discount", "retention", "total_value"])


def priced(bundle: ValueBundle, histories: pd.DataFrame) -> pd.DataFrame:
    """Give `value_table` with the class of each customer."""
    table = value_table(bundle, histories)
    return table.assign(value_class=value_class(table["lifetime_value"], bundle.meta["cuts"]))


def _spending(histories: pd.DataFrame) -> GammaGamma:
    try:
        fitted = GammaGamma().fit(histories)
    except ValueError as error:
        raise DataError(str(error)) from error
    if fitted.parameters_["q"] <= 1:
        raise DataError(
            f"money per purchase is spread so widely (q {fitted.parameters_['q']:.2f}) that it has"
            " no mean: leave out absurd amounts by rules of the source"
        )
    return fitted


def _tracked(contest: Contest, seen: Calibrated, unit: int) -> pd.DataFrame:
    span = float(seen.histories["T"].max()) + (seen.until - seen.as_of).days / unit
    return tracking_table(
        contest.best.model, seen.purchases, seen.histories, str(seen.as_of), int(span + 1e-9), unit
    )


def _profits(lines: pd.DataFrame, config: ValueQuestion) -> pd.DataFrame:
    money = config.economics
    return profit_by_period(
        lines, margin=money.margin, period="M", cost_to_serve=money.cost_to_serve
    )


def _tables(found: Found) -> dict[str, pd.DataFrame]:
    moved = None if found.switched is None else found.switched.moved
    tables = {
        "customers": found.customers,
        "profits": found.periods,
        "tracking": found.tracking,
        "what_if": found.what_if,
        "look_alikes": None if found.alike is None else found.alike.scores,
        "look_alike_differences": None if found.alike is None else found.alike.differences,
        "relations": None if found.relations is None else found.relations.table,
        "strategies": None if found.relations is None else found.relations.strategies,
        "switching_matrix": None if moved is None else moved.estimate.to_frame(),
        "brand_shares": None if found.switched is None else found.switched.shares,
        "switching_values": None if found.switched is None else found.switched.values,
        "equity": found.equity,
    }
    return {name: table for name, table in tables.items() if table is not None and len(table)}


def _facts(found: Found) -> dict[str, Any]:
    buying = found.bundle.buying
    return {
        "winner": found.contest.winner,
        "reason": found.contest.reason,
        "parameters": buying.parameters_,
        "standard_errors": buying.standard_errors_,
        "parameters_of_calibration": {
            one.name: one.model.parameters_ for one in found.contest.held if one.model.parameters_
        },
        "spending": found.bundle.spending.parameters_,
        "as_of": str(found.seen.as_of),
        "until": str(found.seen.until),
    }


def _metrics(found: Found) -> dict[str, float]:
    board = found.winner
    names = ("log_likelihood", "mae", "rmse", "off_total", "share_reached_by_top")
    measured = {f"held_out_{name}": float(board[name]) for name in names}
    return {
        **{name: value for name, value in measured.items() if np.isfinite(value)},
        "customers": float(len(found.customers)),
        "alive": float(found.customers["p_alive"].sum()),
        "customer_equity": customer_equity(found.customers["lifetime_value"].to_numpy()),
        "chosen": float(found.selection.chosen.sum()),
        "value_forgone": found.selection.forgone,
        **_metrics_of_relations(found),
    }


def _metrics_of_relations(found: Found) -> dict[str, float]:
    """Give the figures of what was asked for beside lifetime value."""
    told: dict[str, float] = {}
    if found.relations is not None:
        table = found.relations.table
        told |= {str(n): float(table[n].sum()) for n in table if str(n).endswith("_profit")}
    if found.switched is not None:
        values = found.switched.values
        mine = values["own"] & (values["discount"] == found.config.economics.discount)
        told["switching_value_of_own_buyer"] = float(values.loc[mine, "value"].iloc[0])
    if found.equity is not None:
        current, *coming = found.equity["total_value"]
        told["customer_equity_with_future"] = customer_equity([current], coming)
    return told
