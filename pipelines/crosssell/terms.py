"""From the configuration to the values that the stages take."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from experiments.evaluation.money import Economics
from pipelines.config import public
from pipelines.config.cross_sell import CrossSell
from pipelines.crosssell.evaluate import Intervals
from pipelines.crosssell.mine import Candidate, Settings
from pipelines.lists.baseline import Baseline, read_baseline
from pipelines.lists.fatigue import Fatigue
from pipelines.lists.hidden import hide_rows
from pipelines.lists.make import ListSpec
from pipelines.lists.policy import Policy
from pipelines.lists.restrictions import Eligibility, Repeat, Restrictions
from pipelines.lists.stock import read_stock

__all__ = [
    "baseline",
    "bundle_meta",
    "bundle_spec",
    "candidates",
    "economics",
    "fatigue",
    "intervals",
    "list_spec",
    "restrictions",
    "settings",
]


def settings(config: CrossSell) -> Settings:
    """Give what all candidates have in common."""
    spec = list_spec(config)
    return Settings(
        scope="all" if spec.restrictions.offers_owned else "new",
        restrictions=spec.restrictions,
        baseline=baseline(config),
        policy=replace(spec.policy, experiment=spec.experiment),
        ks=tuple(config.evaluation.ks),
        min_customers=config.items.min_customers,
        economics=economics(config),
        metric=config.tuning.metric,
        trials=config.tuning.trials,
        timeout_s=config.tuning.timeout,
        tuning_customers=config.tuning.customers,
        seed=config.seed,
    )


def candidates(config: CrossSell) -> list[Candidate]:
    """Give the candidates that compete."""
    return [
        Candidate(each.name, each.kind, dict(each.params), each.space())
        for each in config.candidates
    ]


def economics(config: CrossSell) -> Economics:
    """Give costs, margin and limits."""
    stated = config.economics
    return Economics(
        margin=stated.margin,
        contact_cost=stated.contact_cost,
        budget=stated.budget,
        capacity=stated.capacity,
    )


def intervals(config: CrossSell) -> Intervals:
    """Give level and resamples of the intervals."""
    return Intervals(config.evaluation.level, config.evaluation.bootstrap)


def list_spec(config: CrossSell) -> ListSpec:
    """Give the terms of the list."""
    policy, money = config.policy, economics(config)
    return ListSpec(
        restrictions=restrictions(config),
        policy=Policy(
            rows=policy.rows,
            per_item=policy.per_item,
            per_category=policy.per_category,
            contact_cost=money.contact_cost,
            max_contacts=_max_contacts(money),
            min_expected_profit=policy.min_expected_profit,
            quotas=_quotas(policy.stock),
            diversity=policy.diversity,
            explore=policy.explore,
        ),
        control=policy.control,
        experiment=f"{policy.experiment or config.name}-{config.seed}",
    )


def bundle_spec(config: CrossSell) -> ListSpec:
    """Give the terms that a bundle keeps: a stock that a file tells is another one tomorrow."""
    spec = list_spec(config)
    if not isinstance(config.policy.stock, str):
        return spec
    return replace(spec, policy=replace(spec.policy, quotas={}))


def restrictions(config: CrossSell) -> Restrictions:
    """Give the rules about pairs of customer and item."""
    policy = config.policy
    return Restrictions(
        exclude_owned=policy.exclude_owned,
        repeat=tuple(Repeat(**one.model_dump()) for one in policy.repeat),
        eligible=tuple(
            Eligibility(**one.model_dump(exclude={"when"}), **one.when.model_dump())
            for one in policy.eligible
        ),
    )


def baseline(config: CrossSell) -> Baseline:
    """Read what would be bought without an offer."""
    money = config.economics
    if money.baseline_file is None:
        return Baseline(money.baseline, config.window.outcome)
    stated = hide_rows(read_baseline(Path(money.baseline_file)), config.sources)
    return Baseline("file", config.window.outcome, stated)


def fatigue(config: CrossSell) -> Fatigue | None:
    """Give how many contacts are enough."""
    stated = config.policy.fatigue
    return None if stated is None else Fatigue(stated.contacts, stated.within, stated.column)


def _quotas(stock: str | dict[str, int] | None) -> dict[str, int]:
    if stock is None or isinstance(stock, dict):
        return dict(stock or {})
    return read_stock(Path(stock))


def bundle_meta(config: CrossSell) -> Mapping[str, Any]:
    """Give what a bundle must know to score raw data later; nothing secret."""
    shown = public(config)
    return {
        "name": config.promotion.name or config.name,
        "kind": shown["kind"],
        # Without the folders of this machine: scoring is told where its files are.
        "sources": [{**one, "path": Path(one["path"]).name} for one in shown["sources"]],
        "window": shown["window"],
        "families": list(config.features.families),
        "currency": config.economics.currency,
        "warehouse": {"timezone": config.timezone, "currency": config.currency},
        # Files that kept customers or items off the list: scoring must be given them again.
        "exclusions": {
            "opt_out": config.policy.opt_out is not None,
            "suppress": len(config.policy.suppress),
            "stock": isinstance(config.policy.stock, str),
            "contacts": config.policy.fatigue is not None,
            "baseline": config.economics.baseline_file is not None,
        },
        "fatigue": None if (tired := fatigue(config)) is None else asdict(tired),
        "baseline": config.economics.baseline,
        "monitoring": shown["monitoring"],
    }


def _max_contacts(money: Economics) -> int | None:
    """Give the smaller of the capacity and of what the budget pays."""
    limits = [] if money.capacity is None else [money.capacity]
    if money.budget is not None and money.contact_cost > 0:
        # A hair more, because ten contacts at 0.1 cost more than 1.0 in floating point.
        limits.append(int(money.budget / money.contact_cost + 1e-9))
    return min(limits) if limits else None
