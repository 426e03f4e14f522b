"""The stages of the main job, one after the other."""

from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from experiments.bundle import Bundle, load_bundle, write_bundle
from experiments.evaluation.money import Forecast, Profit, Spread
from experiments.registry import Registry
from experiments.tracking import Run
from features.windows import Window
from lodeworks.errors import DataError
from lodeworks.progress import Progress
from pipelines.cache import Cache
from pipelines.config.cross_sell import CrossSell
from pipelines.crosssell import terms
from pipelines.crosssell.act import (
    decide,
    final_bundle,
    fit_winner,
    profile_of_offers,
    standing_figure,
)
from pipelines.crosssell.evaluate import evaluate
from pipelines.crosssell.forecasts import forecasts
from pipelines.crosssell.logbook import log_candidates, log_end, log_start, open_tracker
from pipelines.crosssell.mine import LIST, Measured, mine_candidate
from pipelines.crosssell.outputs import Outcome, write_run
from pipelines.crosssell.prepare import (
    Loaded,
    load_sources,
    on_engine,
    plan_windows,
    snapshot_at,
)
from pipelines.crosssell.snapshots import STALE_DAYS, Snapshot, take_snapshot_for
from pipelines.crosssell.summary import RunSummary
from pipelines.findings.accepted import AcceptedRule, rules_in_force
from pipelines.findings.constraint import Constraint, constraint_of, refuse_none
from pipelines.findings.place import store_of
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.findings.run_record import record_run
from pipelines.findings.vetoes import rejected_rules, with_vetoes
from pipelines.lists.bundled import item_features_of, scorer_of
from pipelines.lists.exclusions import (
    Exclusions,
    notes_on_exclusions,
    opted_out,
    read_exclusions,
)
from pipelines.lists.fatigue import read_contacts, tired
from pipelines.lists.hidden import hide_excluded, hide_rows
from pipelines.lists.make import CrossSellList, make_list
from pipelines.lists.words import load_sentence
from pipelines.manifest import Manifest
from pipelines.promotion import AWAY, Promotion
from pipelines.workspace import Workspace

__all__ = ["Job"]


class Job:
    """One run of a configuration.

    Parameters
    ----------
    config : CrossSell
        The checked configuration.
    progress : Progress
        Told about every stage.
    fresh : bool
        Make everything again.
    """

    def __init__(self, config: CrossSell, progress: Progress, fresh: bool) -> None:
        self.config = config
        self.progress = progress
        self.workspace = Workspace(Path(config.workspace))
        self.cache = Cache(self.workspace.cache, fresh, progress)
        self.manifest = Manifest("run")
        self.settings, self.spec = terms.settings(config), terms.list_spec(config)
        self.notes: list[str] = []
        self._vetoes: list[PurchaseRule] = []
        self._accepted: list[AcceptedRule] = []
        self.contacts: pd.DataFrame | None = None
        self.run_id = self.workspace.new_run_id(config.name)

    def run(self) -> RunSummary:
        """Do it all; what a person reads appears at the end, whole."""
        with self.workspace.locked():
            self._read_findings()
            exclusions = self._exclusions()
            own = self._load()
            with own.warehouse, self._on_engine(own) as loaded:
                self.notes += notes_on_exclusions(exclusions, *loaded.identifiers())
                snapshots, keys = self._snapshots(loaded)
                self.notes += self._notes_on_rules(snapshots[0])
                tracker = open_tracker(self.config, self.workspace.root)
                with tracker.run(self.run_id, {"lode.kind": self.config.kind}) as tracked:
                    return self._tracked(tracked, loaded, snapshots, keys, exclusions)

    def _tracked(
        self,
        tracked: Run,
        loaded: Loaded,
        snapshots: list[Snapshot],
        keys: list[str],
        exclusions: Exclusions,
    ) -> RunSummary:
        latest, *labelled = snapshots
        config, settings = self.config, self.settings
        log_start(tracked, config, self.run_id, str(labelled[0].window.as_of), loaded.report)
        mined = [
            mine_candidate(candidate, labelled, keys[1:], settings, self.cache)
            for candidate in terms.candidates(config)
        ]
        evaluation = evaluate(
            mined, labelled[0], settings, terms.intervals(config), config.economics.currency
        )
        log_candidates(tracked, mined, evaluation)
        winner = next(m for m in mined if m.candidate.name == evaluation.choice.winner)
        items = loaded.warehouse.items.to_pandas()
        profit = evaluation.results[winner.candidate.name].profit
        earlier = self._forecasts(winner, profit, labelled, keys[1:])
        folder = self._export(winner, profit, earlier, latest, labelled, loaded, items)
        promotion, used = self._promote(tracked, folder, winner, labelled, keys[1:])
        listed = self._list(used, promotion, latest, loaded, exclusions)
        outcome = Outcome(
            loaded=loaded,
            labelled=labelled,
            mined=mined,
            evaluation=evaluation,
            bundle=folder,
            promotion=promotion,
            listed=listed,
            items=items,
            forecasts=earlier,
            notes=[*self.notes, *listed.notes(), *tracked.tracker.notes()],
        )
        return self._write(tracked, outcome)

    def _read_findings(self) -> None:
        """Read what people decided first: a damaged file must not cost the work of a run."""
        root, config = self.workspace.root, self.config
        store_of(root).check()
        asked = config.knowledge
        self._vetoes = rejected_rules(root, config.name) if asked.vetoes else []
        if asked.accepted != "ignore":
            self._accepted = rules_in_force(root, config.name, config.language)
            refuse_none(self._accepted, asked.accepted)

    def _keep_findings(self, outcome: Outcome, summary: RunSummary) -> RunSummary:
        if not self.config.knowledge.record:
            return summary
        kept = record_run(outcome, self.config, self.manifest.about, summary.paths["list"])
        return replace(summary, notes=[*summary.notes, kept.text()])

    def _exclusions(self) -> Exclusions:
        """Read them before anything else: without them no list may be made."""
        policy = self.config.policy
        if policy.fatigue is not None:
            contacts = read_contacts(Path(policy.fatigue.file), policy.fatigue.column)
            self.contacts = hide_rows(contacts, self.config.sources)
        opt_out = None if policy.opt_out is None else Path(policy.opt_out)
        named = read_exclusions(opt_out, [Path(path) for path in policy.suppress])
        return hide_excluded(named, self.config.sources)

    def _notes_on_rules(self, latest: Snapshot) -> list[str]:
        known = [*latest.people.columns, *latest.customers.columns]
        return self.settings.restrictions.check(latest.labels, known)

    def _forecasts(
        self, winner: Measured, profit: Profit, labelled: list[Snapshot], keys: list[str]
    ) -> list[Forecast]:
        return forecasts(
            winner,
            profit,
            labelled,
            keys,
            self.settings,
            terms.intervals(self.config),
            self.cache,
            self.config.evaluation.forecasts,
        )

    def _load(self) -> Loaded:
        loaded = load_sources(
            self.config.sources,
            self.workspace.warehouse,
            self.cache,
            self.progress,
            timezone=self.config.timezone,
            currency=self.config.currency,
        )
        self.progress.note(load_sentence(loaded.report))
        return loaded

    def _on_engine(self, own: Loaded) -> AbstractContextManager[Loaded]:
        return on_engine(own, self.config.engine, self.workspace.root, self.progress)

    def _snapshots(self, loaded: Loaded) -> tuple[list[Snapshot], list[str]]:
        """Take the snapshot the list is made from, then the test window and the back-tests.

        The earliest one says which indicators there are, so that a later date cannot.
        """
        window, families = self.config.window, list(self.config.features.families)
        planned = plan_windows(
            loaded.warehouse,
            window.as_of,
            observe=window.observe,
            gap=window.gap,
            outcome=window.outcome,
            n=window.backtests,
        )
        day = self._list_day(loaded, planned[0])
        now = Window(day, window.observe, window.gap, window.outcome)
        columns, taken = None, []
        for one in [*reversed(planned), now]:
            labelled = one is not now
            found = snapshot_at(loaded, one, families, columns, self.cache, labelled=labelled)
            columns = list(found[0].customers.columns)
            taken.append(found)
        return [snapshot for snapshot, _ in taken[::-1]], [key for _, key in taken[::-1]]

    def _list_day(self, loaded: Loaded, test: Window) -> date:
        act = self.config.act
        if not act.refit:
            return test.as_of
        last = loaded.warehouse.last_day
        if act.as_of == "latest":
            return last
        day = date.fromisoformat(str(act.as_of))
        if not test.as_of <= day <= last + timedelta(days=STALE_DAYS):
            raise DataError(
                f"act.as_of {day} must lie between the test date {test.as_of} and the end of the"
                f" data, {last} ({STALE_DAYS} days without a sale are allowed)"
            )
        return day

    def _export(
        self,
        winner: Measured,
        profit: Profit,
        earlier: list[Forecast],
        latest: Snapshot,
        labelled: list[Snapshot],
        loaded: Loaded,
        items: pd.DataFrame,
    ) -> Path:
        """Fit the winner at the latest day and export it; kept like every other stage."""
        spec, meta = terms.bundle_spec(self.config), terms.bundle_meta(self.config)
        spread, figure = Spread.of(profit, earlier), standing_figure(profit)
        vocabulary = labelled[0].vocabulary(self.settings.min_customers)
        depends = {
            "winner": winner.key,
            "latest": str(latest.window.as_of),
            "warehouse": loaded.report["digest"],
            "spec": asdict(spec),
            "spread": asdict(spread),
            "figure": figure,
            "meta": meta,
        }

        def make(folder: Path) -> None:
            bundle = final_bundle(
                winner,
                fit_winner(winner, latest, labelled, self.settings),
                items=items,
                spec=spec,
                spread=spread,
                figure=figure,
                settings=self.settings,
                meta=meta,
                offered=profile_of_offers(winner.offers[LIST], vocabulary),
            )
            write_bundle(folder / "bundle", bundle)

        return self.cache.step("act", "bundle", depends, make).folder / "bundle"

    def _promote(
        self,
        tracked: Run,
        folder: Path,
        winner: Measured,
        labelled: list[Snapshot],
        keys: list[str],
    ) -> tuple[Promotion | None, Bundle]:
        """Register the winner; give back what is champion after the gate."""
        config, bundle = self.config.promotion, load_bundle(folder)
        if not config.register_:
            return None, bundle
        if tracked.tracker.away:
            self.notes.append(AWAY)
            return None, bundle
        self.progress.start("act: register")
        registry = Registry(tracked.tracker.client, self.workspace.root)
        made = registry.register(folder, bundle.meta["name"], tracked.id)
        decided = decide(
            registry,
            made,
            bundle,
            winner,
            alias=config.alias,
            snapshots=labelled,
            keys=keys,
            settings=self.settings,
            intervals=terms.intervals(self.config),
            cache=self.cache,
        )
        self.progress.done("act: register", decided.status)
        if decided.refused:
            address = f"models:/{decided.name}/{decided.champion}"
            return decided, load_bundle(registry.resolve(address))
        return decided, bundle

    def _list(
        self,
        used: Bundle,
        promotion: Promotion | None,
        latest: Snapshot,
        loaded: Loaded,
        exclusions: Exclusions,
    ) -> CrossSellList:
        version = "unregistered" if promotion is None else promotion.champion
        settings, spec = self.settings, self.spec
        scorer = replace(
            scorer_of(used, version), economics=settings.economics, baseline=settings.baseline
        )
        if promotion is not None and promotion.refused:
            # The present champion reads its own indicators, not those of this run.
            latest = take_snapshot_for(used.meta, loaded.warehouse, latest.window.as_of)
        everything = exclusions.with_customers(opted_out(loaded.warehouse))
        everything = everything.with_customers(self._tired(latest.window.as_of))
        history = replace(latest, items=item_features_of(used)).history(scorer.recommender.items_)
        forbidden = latest.forbidden(history, spec.restrictions)
        forbidden, said = with_vetoes(forbidden, self._vetoes, history)
        self.notes += said
        constraint = self._constraint(scorer.recommender.items_)
        if constraint is not None:
            scorer = constraint.bind(scorer, spec.policy.rows)
        listed = make_list(
            scorer, history, spec, everything, forbidden=forbidden, progress=self.progress
        )
        return listed if constraint is None else self._settled(constraint, listed)

    def _constraint(self, items: pd.Index) -> Constraint | None:
        """Give what accepted rules do to the list, where the configuration asks for it."""
        mode = self.config.knowledge.accepted
        if mode == "ignore":
            return None
        constraint, said = constraint_of(self._accepted, mode, items)
        self.notes += said
        return constraint

    def _settled(self, constraint: Constraint, listed: CrossSellList) -> CrossSellList:
        listed, about, note = constraint.settle(listed)
        self.manifest.add(knowledge=about)
        self.notes.append(note)
        return listed

    def _tired(self, as_of: date) -> frozenset[str]:
        fatigue = terms.fatigue(self.config)
        if fatigue is None or self.contacts is None:
            return frozenset()
        return tired(self.contacts, fatigue, as_of)

    def _write(self, tracked: Run, outcome: Outcome) -> RunSummary:
        self.progress.start("act: write")
        place = self.workspace.runs / self.run_id
        self.manifest.add(run_id=self.run_id, mlflow_run_id=tracked.id)
        summary = write_run(outcome, self.config, place, self.manifest, self.cache)
        summary = self._keep_findings(outcome, summary)
        if outcome.promotion is not None:
            # Last, so that a disk that fills before does not leave a champion without a list.
            registry = Registry(tracked.tracker.client, self.workspace.root)
            outcome.promotion.carry_out(registry, self.config.promotion.alias)
        files = [summary.paths["report"], summary.paths["manifest"]]
        log_end(tracked, outcome.evaluation, summary.expected_profit, files)
        self.progress.done("act: write")
        return summary
