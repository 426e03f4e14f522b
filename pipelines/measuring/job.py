"""The measurement of a list: read, check, compare, write."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.effect import SampleRatio
from experiments.effect.estimate import fewest_for
from experiments.effect.page import EffectPage
from experiments.effect.verdict import verdict
from experiments.effect.words import difference_text
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from pipelines.findings.effects import record_effects
from pipelines.manifest import Manifest
from pipelines.measuring.contacts import Contacts, read_contacts
from pipelines.measuring.days import Days, days_of
from pipelines.measuring.given_list import GivenList, read_list
from pipelines.measuring.guards import check_currency, check_edited, check_sample_ratio
from pipelines.measuring.logbook import log_measurement
from pipelines.measuring.orders import Orders, read_orders
from pipelines.measuring.outcomes import (
    OUTCOMES,
    Worth,
    covariates,
    outcomes,
    row_outcomes,
    within,
)
from pipelines.measuring.outputs import FILES, check_folder, plain_values, write_measurement
from pipelines.measuring.problems import Problems
from pipelines.measuring.request import MeasureRequest
from pipelines.measuring.results import Measured, measured, overall_frame
from pipelines.measuring.statements import overall_statements, part_statements, records
from pipelines.measuring.summary import MeasureSummary, effect_board
from pipelines.measuring.terms import DEFAULT_WINDOW, Terms, terms_of

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.config.cross_sell import CrossSell

__all__ = ["Measurement"]

KINDS = {name: what.kind for name, what in OUTCOMES.items()}


class Measurement:
    """One measurement of one list.

    Parameters
    ----------
    request : MeasureRequest
        What was asked.
    config : CrossSell, optional
        Maps the columns of orders, and fills in what the manifest does not say.
    workspace : Path, optional
        Where the tracking store of the list's run lies.
    progress : Progress
        Told about every step.
    """

    def __init__(
        self,
        request: MeasureRequest,
        config: "CrossSell | None",
        workspace: "Path | None",
        progress: Progress,
    ) -> None:
        self.request = request
        self.config = config
        self.workspace = workspace
        self.progress = progress
        self.problems = Problems()
        self.manifest = Manifest("measure")

    def run(self) -> MeasureSummary:
        """Do it; nothing is written before everything is known to be right."""
        request = self.request
        check_folder(request.folder)
        self.progress.start("measure: read")
        given = read_list(request.path, self.problems)
        if self.problems.data:
            self.problems.refuse()
        check_edited(given, self.problems, accepted=request.accept_edited)
        terms = self._terms(given)
        ratio = check_sample_ratio(
            given, terms.control, self.problems, accepted=request.accept_mismatch
        )
        currency = check_currency(request.outcomes, terms, self.problems)
        orders = self._orders(terms, request.outcomes)
        days = self._days(given, terms, orders)
        contacts = self._contacts(given, days)
        lines = self._priced(within(orders.lines, days), terms, orders)
        known = self._known(given, terms)
        self.problems.refuse()
        self.progress.done("measure: read")
        found = self._compare(given, lines, known, contacts, terms)
        return self._write(given, found, days, ratio, contacts, orders, currency)

    def _terms(self, given: GivenList) -> Terms:
        if not given.manifest and self.config is None:
            self.problems.data.append(
                f"{given.path} has no manifest beside it ({given.path.name}.manifest.json or"
                " manifest.json): put it back, or give --config"
            )
        return terms_of(given, self.config)

    def _orders(self, terms: Terms, path: "Path") -> Orders:
        return read_orders(path, terms.sources, mapped=self.config is not None)

    def _days(self, given: GivenList, terms: Terms, orders: Orders) -> Days:
        outcome = self.request.window or terms.outcome
        if outcome is None:
            self.problems.notes.append(
                f"the length of the outcome window is not known: {DEFAULT_WINDOW} days are taken;"
                " give --window"
            )
        days = days_of(
            given.as_of,
            outcome or DEFAULT_WINDOW,
            terms.gap or 0,
            orders.lines["ordered_at"],
            through=self.request.through,
            so_far=self.request.so_far,
            problems=self.problems,
        )
        early = int((orders.lines["ordered_at"] < days.since).sum())
        if early:
            hint = "" if self.request.past else "; as --past they would make the intervals shorter"
            self.problems.notes.append(
                f"{early:,} order lines came before the outcome and do not count as one{hint}"
            )
        return days

    def _contacts(self, given: GivenList, days: Days) -> Contacts | None:
        path = self.request.contacts
        if path is None:
            self.problems.notes.append(
                "no contacts were given: all targets are taken as contacted, and no control"
            )
            return None
        return read_contacts(path, given, days.last, self.problems)

    def _priced(self, lines: pd.DataFrame, terms: Terms, orders: Orders) -> pd.DataFrame:
        items = orders.items if len(orders.items) else terms.items
        if terms.contact_cost is None:
            self.problems.notes.append("the cost of a contact is not known: 0 is taken")
        return Worth(items, terms.margin).priced(lines, self.problems)

    def _known(self, given: GivenList, terms: Terms) -> np.ndarray | None:
        if self.request.past is None:
            return None
        past = self._orders(terms, self.request.past).lines
        end = pd.Timestamp(given.as_of) + timedelta(days=1)
        before = past[past["ordered_at"] < end]
        if before.empty:
            self.problems.data.append(f"no order in {self.request.past} is before the list")
            return None
        known = covariates(given, before)
        smaller = int(given.customers["treated"].value_counts().min())
        if smaller < fewest_for(known.shape[1]):
            self.problems.notes.append(
                f"the past was not used: it takes {fewest_for(known.shape[1])} customers in each"
                f" group, and there are {smaller}"
            )
        return known

    def _compare(
        self,
        given: GivenList,
        lines: pd.DataFrame,
        known: np.ndarray | None,
        contacts: Contacts | None,
        terms: Terms,
    ) -> Measured:
        self.progress.start("measure: compare")
        treated = given.customers["treated"]
        contacted = treated if contacts is None else contacts.contacted
        rows = row_outcomes(given, lines)
        frame = outcomes(given, rows, lines, contacted * (terms.contact_cost or 0.0))
        reached = None if contacts is None else contacted
        found = measured(given, rows, frame, known, reached, self.request.level)
        self.progress.done("measure: compare")
        return found

    def _write(
        self,
        given: GivenList,
        found: Measured,
        days: Days,
        ratio: SampleRatio | None,
        contacts: Contacts | None,
        orders: Orders,
        currency: str,
    ) -> MeasureSummary:
        context = {
            "list_sha256": given.sha256,
            "as_of": str(given.as_of),
            "outcome_from": str(days.first),
            "outcome_to": str(days.last),
            "interim": days.interim,
        }
        values = self._values(given, found, ratio, contacts, currency, context)
        kept = records(found, currency, context, self.request.level)
        page = _page(given, found, values, currency)
        self._fill(given, orders)
        paths = write_measurement(self.request.folder, values, page, kept, self.manifest)
        logged = log_measurement(given, self.workspace, _metrics(found), self.request.folder)
        ids = given.rows["evidence_id"].unique().tolist()
        recorded = record_effects(kept, given.manifest, ids, self.workspace)
        lines = [*_lines(found, values, currency), *filter(None, (logged, recorded))]
        return MeasureSummary(plain_values(values), lines, paths)

    def _values(
        self,
        given: GivenList,
        found: Measured,
        ratio: SampleRatio | None,
        contacts: Contacts | None,
        currency: str,
        context: dict[str, Any],
    ) -> dict[str, Any]:
        return {
            "list": str(given.path),
            **context,
            "currency": currency,
            "level": self.request.level,
            "adjusted": self.request.past is not None,
            "notes": self.problems.notes,
            "statements": overall_statements(found, currency),
            "parts": part_statements(found.parts),
            "sample_ratio": None
            if ratio is None
            else {**vars(ratio), "share": ratio.share, "mismatch": ratio.mismatch},
            "contacts": None if contacts is None else contacts.counts,
            "effects": _rows(overall_frame(found.overall)),
            "unadjusted": _rows(overall_frame(found.unadjusted)),
            "ratios": {name: vars(one) for name, one in found.ratios.items()},
            "compliers": {name: vars(one) for name, one in found.compliers.items()},
            "breakdown": _rows(found.parts),
            "parts_too_small": found.left_out,
            "calibration": _rows(found.calibration),
        }

    def _fill(self, given: GivenList, orders: Orders) -> None:
        request = self.request
        files = {"list": request.path, "outcomes": request.outcomes}
        files |= {"contacts": request.contacts} if request.contacts else {}
        files |= {"past": request.past} if request.past else {}
        self.manifest.add(
            inputs={
                name: {"path": str(path), "sha256": file_digest(path)}
                for name, path in files.items()
            },
            list_run_id=given.manifest.get("run_id"),
            load=orders.report,
            notes=self.problems.notes,
            accepted={"edited": request.accept_edited, "mismatch": request.accept_mismatch},
        )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    known = frame.astype(object).where(frame.notna(), None)
    return [dict(zip(map(str, known.columns), row, strict=True)) for row in known.to_numpy()]


def _metrics(found: Measured) -> dict[str, float]:
    parts = ("difference", "low", "high", "p", "total", "lift", "variance_reduction")
    return {
        f"{name}_{part}": getattr(one, part)
        for name, one in found.overall.items()
        for part in parts
    }


def _lines(found: Measured, values: dict[str, Any], currency: str) -> list[str]:
    """Give the result as lines for the terminal."""
    state = "INTERIM, " if values["interim"] else ""
    profit = found.overall["profit"]
    expected = found.calibration.iloc[-1]
    lines = [
        f"{state}{values['outcome_from']} to {values['outcome_to']}:"
        f" {profit.treated:,} targets, {profit.control:,} controls",
        *(f"! {note}" for note in values["notes"]),
        "",
        effect_board(overall_frame(found.overall), KINDS, currency),
        "",
        _headline(found, currency),
        *values["parts"],
        (
            f"the list expected {expected['expected_profit']:,.2f} {currency} from its targets;"
            f" their listed items brought {expected['realised_profit']:,.2f}"
            f" ({expected['realised_profit_low']:,.2f} to {expected['realised_profit_high']:,.2f}),"
            " what they would have bought anyway included"
        ),
    ]
    if values["adjusted"]:
        lines.append(_past_sentence(found))
    return lines


def _past_sentence(found: Measured) -> str:
    off = found.overall["profit"].variance_reduction
    best = max(one.variance_reduction for one in found.overall.values())
    most = f" (at most {best:.0%} of any outcome)" if round(100 * best) > 0 else ""
    if round(100 * off) <= 0:
        return f"the past says nothing of profit: it made the intervals no shorter{most}"
    return f"the past took {off:.0%} off the variance of profit{most}"


def _headline(found: Measured, currency: str) -> str:
    profit = found.overall["profit"]
    judged = verdict(profit)
    if judged.kind == "too small to tell":
        return _too_small(found, currency)
    word = "earned" if judged.kind == "more" else "lost"
    ends = sorted(abs(end) for end in (profit.total_low, profit.total_high))
    return (
        f"the contacts {word} {abs(profit.total):,.2f} {currency} in all"
        f" ({ends[0]:,.2f} to {ends[1]:,.2f})"
    )


def _too_small(found: Measured, currency: str) -> str:
    profit = found.overall["profit"]
    judged = verdict(profit)
    told = "whether the contacts earned anything is too small to tell"
    if judged.detectable == judged.detectable:
        told += (
            f": a difference of {difference_text(judged.detectable, 'money', currency)} a customer"
            " would show in four of five such tests"
        )
    if judged.needed is not None:
        told += f"; if the true one is as seen, about {judged.needed:,} customers would do"
    return told


def _page(given: GivenList, found: Measured, values: dict[str, Any], currency: str) -> EffectPage:
    profit = found.overall["profit"]
    judged, told = verdict(profit), _headline(found, currency)
    mood = {"more": "good", "less": "bad"}.get(judged.kind, "open")
    words = {"more": "The contacts earned money", "less": "The contacts lost money"}
    shown = ["part", "outcome", "treated", "control", "difference", "low", "high", "p_holm"]
    parts = {
        f"By {subject}": table[[*shown, "verdict"]]
        for subject, table in found.parts.groupby("subject", sort=False)
    }
    return EffectPage(
        title=f"Measured: {given.path.name}, list as of {values['as_of']}",
        headline=f"{told[:1].upper()}{told[1:]}.",
        mood=mood,
        verdict=words.get(judged.kind, "Too small to tell"),
        statements=[*values["statements"], *values["parts"]],
        notes=values["notes"],
        currency=currency,
        tables={
            "Outcomes": overall_frame(found.overall)[
                [
                    *("outcome", "treated_mean", "control_mean", "difference", "low", "high"),
                    *("p", "p_holm", "variance_reduction", "verdict"),
                ]
            ],
            **parts,
            "Expected against realised": found.calibration,
        },
        lifts={
            OUTCOMES[name].words: (100 * one.lift, 100 * one.lift_low, 100 * one.lift_high)
            for name, one in found.overall.items()
        },
        facts={
            "list": given.sha256,
            "days": f"{values['outcome_from']} to {values['outcome_to']}",
            "adjusted for the past": "yes" if values["adjusted"] else "no",
            "intervals": f"{values['level']:.0%}",
            "files": ", ".join(FILES.values()),
        },
    )
