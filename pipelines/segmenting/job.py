"""The stages of the question of segments, one after the other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pandas as pd

from experiments.drift import profile_of
from features.warehouse import Warehouse
from lodeworks.files import digest
from models.segments import Matched, SegmentRules
from pipelines.config import public
from pipelines.config.segments import Segments
from pipelines.questions import Answer, QuestionJob
from pipelines.questions.gate import Judge, Verdict, by_bound
from pipelines.segmenting.cards import cards_of
from pipelines.segmenting.choosing import Choice, Measured, choose, leaderboard
from pipelines.segmenting.drafts import segment_drafts
from pipelines.segmenting.learning import Ground, fit_winner, measure_all, prepare, settings_of
from pipelines.segmenting.map import map_of
from pipelines.segmenting.moves import Moves, moves_of_classes, moves_of_segments
from pipelines.segmenting.page import Found, sheet_of
from pipelines.segmenting.people import People, people_at, people_of_table
from pipelines.segmenting.publishing import (
    SMALL,
    hidden_classes,
    merge_small,
    publish_classes,
    publish_flows,
    publish_matrix,
)
from pipelines.segmenting.schemes import (
    ORDERS,
    Money,
    Schemes,
    money_of,
    returns_by,
    value_by_need,
)
from pipelines.segmenting.segmentation import (
    Segmentation,
    read_segmentation,
    write_segmentation,
)

__all__ = ["Job"]

WORDS = ("name", "rule", "traits", "buys")


class Job(QuestionJob):
    """One run of the question of segments."""

    @property
    def config(self) -> Segments:
        """The checked configuration."""
        return cast(Segments, self.question)

    def answer(self, warehouse: Warehouse) -> Answer:
        """Find, compare, describe, price and follow the segments."""
        config = self.config
        people = self._people(warehouse)
        ground = prepare(config, people)
        money = money_of(people, config.worth)
        schemes = Schemes.fit(people, config.worth, config.classes)
        classes = schemes.predict(people)
        measured = measure_all(config, ground, self.cache, self.digest)
        choice = choose(measured, config.choice, config.seed)
        fitted, matched = fit_winner(config, ground, choice.winner)
        assigned = fitted.assign(ground.people.attributes)
        cards, tree, described = cards_of(
            ground.people,
            assigned["segment"],
            dict(fitted.names),
            money,
            self._item_names(warehouse),
        )
        shown = publish_classes(cards, self._least, ("segment",), WORDS)
        returns = self._returns(classes, money)
        found = Found(
            name=config.name,
            currency=config.worth.currency,
            as_of="" if people.as_of is None else str(people.as_of),
            customers=len(people.attributes),
            min_group=self._least,
            cards=shown,
            board=leaderboard(measured, choice, config.choice, config.seed),
            rules=self._rules(tree, cards),
            choice=choice,
            ground=ground,
            tree=tree,
            returns=returns,
            needs=self._needs(assigned, classes, money),
            moves=self._moves(warehouse, people, fitted, schemes),
            matched=matched,
        )
        return Answer(
            sheet=sheet_of(found, {"Configuration": config.name, "Seed": str(config.seed)}),
            metrics=_metrics(found, measured, choice),
            tables={**_tables(assigned, classes, found), **self._map(ground, assigned)},
            bundle=self._export(fitted, shown, ground, people, schemes),
            judge=self._judge(fitted, measured, choice),
            candidates=found.board,
            records=segment_drafts(shown, described, choice.winner, config.worth.currency),
            facts={"as_of": found.as_of or None, "reason": choice.reason, **_facts(matched)},
        )

    @property
    def _least(self) -> int:
        return self.config.privacy.min_group

    def _people(self, warehouse: Warehouse, earlier: int = 0) -> People:
        config = self.config
        if config.attributes.table is not None:
            return people_of_table(warehouse, config.attributes)
        window, families = config.window, config.features.families
        return people_at(warehouse, str(window.as_of), window.observe, families, earlier=earlier)

    def _item_names(self, warehouse: Warehouse) -> pd.Series | None:
        if self.config.attributes.table is not None:
            return None
        items = warehouse.items.select("item_id", "item_name").to_pandas()
        frame = items.dropna().drop_duplicates("item_id").sort_values("item_id")
        return pd.Series(frame["item_name"].to_numpy(), pd.Index(frame["item_id"]))

    def _rules(self, tree: SegmentRules, cards: pd.DataFrame) -> pd.DataFrame:
        """Give the rules of segments that may be shown, with groups that may be."""
        hidden = hidden_classes(cards.set_index("segment")["customers"], self._least)
        small = set(cards.loc[hidden, "segment"])
        table = tree.table_.drop(columns="conditions")
        kept = ~table["segment"].isin(small) & (table["customers"] >= self._least)
        return table[kept].reset_index(drop=True)

    def _returns(self, classes: pd.DataFrame, money: Money | None) -> dict[str, pd.DataFrame]:
        """Give what the classes of each scheme bring, cost and return."""
        if money is None:
            return {}
        return {
            scheme: publish_classes(
                returns_by(
                    classes[scheme],
                    money,
                    [name for name in order if (classes[scheme] == name).any()],
                ),
                self._least,
                ("class",),
            )
            for scheme, order in ORDERS.items()
            if scheme in classes
        }

    def _needs(
        self, assigned: pd.DataFrame, classes: pd.DataFrame, money: Money | None
    ) -> pd.DataFrame | None:
        """Give the segments by level of the pyramid."""
        if money is None:
            return None
        label = assigned["segment"].astype(str) + " " + assigned["name"]
        label = label.map(merge_small(label, self._least))
        level = classes["pyramid"].map(merge_small(classes["pyramid"], self._least))
        needs = value_by_need(level, label, money)
        matrix = needs.pivot(index="level", columns="segment", values="customers").fillna(0)
        order = [level for level in (*ORDERS["pyramid"], SMALL) if level in matrix.index]
        crossed = publish_matrix(matrix.reindex(order), self._least)
        return crossed.rename(columns={"before": "level"})

    def _map(self, ground: Ground, assigned: pd.DataFrame) -> dict[str, pd.DataFrame]:
        attributes, seed = ground.people.attributes, self.config.seed
        found = map_of(ground.space, attributes, assigned["segment"], self._least, seed)
        return {} if found is None else {"map": found}

    def _moves(
        self, warehouse: Warehouse, after: People, fitted: Segmentation, schemes: Schemes
    ) -> dict[str, pd.DataFrame]:
        compare = self.config.window.compare
        if compare is None:
            return {}
        before = self._people(warehouse, earlier=compare)
        lacking = [name for name in fitted.columns if name not in before.attributes]
        before = People(
            before.attributes.assign(**dict.fromkeys(lacking, 0.0)),
            before.as_of,
            before.known,
            before.purchases,
        )
        found = {"segments": moves_of_segments(before, after, fitted, self._least)}
        if schemes.pyramid is not None:
            for name, scheme in (("value pyramid", "pyramid"), ("ABC", "abc")):
                found[name] = moves_of_classes(before, after, schemes, scheme, self._least)
        span = f"{before.as_of} to {after.as_of}"
        return {
            f"{kind}, {span}{what}": table
            for kind, moves in found.items()
            for what, table in self._shown_moves(moves).items()
        }

    def _shown_moves(self, moves: Moves) -> dict[str, pd.DataFrame]:
        matrix = publish_matrix(moves.matrix, self._least)
        return {"": matrix, ": in and out": publish_flows(matrix)}

    def _judge(self, fitted: Segmentation, measured: list[Measured], choice: Choice) -> Judge:
        """Ask of new segments that they come again: they are neither right nor wrong."""
        won = next(one for one in measured if one.name == choice.winner)

        def judge(folder: Path, version: str) -> Verdict:
            champion, _, _ = read_segmentation(folder)
            same = (champion.method, len(champion.ids)) == (fitted.method, len(fitted.ids))
            what, bound = "The stability of the segments", self.config.choice.min_stability
            return by_bound(version, what, won.stability, bound, same=same)

        return judge

    def _export(
        self,
        fitted: Segmentation,
        shown: pd.DataFrame,
        ground: Ground,
        people: People,
        schemes: Schemes,
    ) -> Path:
        config = self.config
        given = public(config)
        meta: dict[str, Any] = {
            "kind": "segments",
            "name": config.model_name,
            # Without the folders of this machine: scoring is told where its files are.
            "sources": [{**one, "path": Path(one["path"]).name} for one in given["sources"]],
            "window": given["window"],
            "families": list(config.features.families),
            "table": config.attributes.table,
            "id": config.attributes.id,
            "warehouse": {"timezone": config.timezone, "currency": config.currency},
            "as_of": None if people.as_of is None else str(people.as_of),
            "seed": config.seed,
            "profile": profile_of(_numbers(ground.people.attributes)),
        }
        depends = {
            "warehouse": self.digest,
            "settings": settings_of(config),
            "meta": meta,
            "ids": list(fitted.ids),
            "names": dict(fitted.names),
            "params": str(fitted.segmenter.get_params()),
            "shown": digest(shown.to_json()),
            "classes": schemes.get_state(),
        }

        def make(folder: Path) -> None:
            write_segmentation(folder / "bundle", fitted, shown, meta, schemes)

        return self.cache.step("act", "bundle", depends, make).folder / "bundle"


def _metrics(found: Found, measured: list[Measured], choice: Choice) -> dict[str, float]:
    won = next(one for one in measured if one.name == choice.winner)
    return {
        "customers": float(found.customers),
        "segments": float(len(found.cards)),
        "stability": won.stability,
        "silhouette": won.separation,
        "prediction_strength": won.strength,
        "told_by_rules": found.tree.accuracy_,
    }


def _tables(
    assigned: pd.DataFrame, classes: pd.DataFrame, found: Found
) -> Mapping[str, pd.DataFrame]:
    segments = assigned.rename_axis("customer_id").reset_index().assign(as_of=found.as_of)
    tables = {"segments": segments, "cards": found.cards}
    if len(classes.columns):
        tables["classes"] = classes.rename_axis("customer_id").reset_index()
    if found.returns:
        told = [table.assign(scheme=name) for name, table in found.returns.items()]
        tables["returns"] = pd.concat(told, ignore_index=True)
    moves = [table.assign(table=name) for name, table in found.moves.items() if "opening" in table]
    if moves:
        tables["flows"] = pd.concat(moves, ignore_index=True)
    for name, table in found.moves.items():
        if "opening" not in table:
            tables[f"migration_{name.split(',')[0].replace(' ', '_')}"] = table
    return tables


def _facts(matched: Matched | None) -> dict[str, Any]:
    if matched is None:
        return {}
    return {"segments_gone": list(matched.gone), "segments": [int(one) for one in matched.ids]}


def _numbers(attributes: pd.DataFrame) -> pd.DataFrame:
    return attributes.select_dtypes("number").astype("float64")
