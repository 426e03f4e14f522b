"""From the configuration to the values that the stages take."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.evaluation.money import Economics
from pipelines.config import Config, public
from pipelines.crosssell.evaluate import Intervals
from pipelines.crosssell.mine import Candidate, Settings
from pipelines.lists.make import ListSpec
from pipelines.lists.policy import Policy

__all__ = ["bundle_meta", "candidates", "economics", "intervals", "list_spec", "settings"]


def settings(config: Config) -> Settings:
    """Give what all candidates have in common."""
    return Settings(
        scope="new" if config.policy.exclude_owned else "all",
        policy=list_spec(config).policy,
        ks=tuple(config.evaluation.ks),
        min_customers=config.items.min_customers,
        economics=economics(config),
        metric=config.tuning.metric,
        trials=config.tuning.trials,
        timeout_s=config.tuning.timeout,
        tuning_customers=config.tuning.customers,
        seed=config.seed,
    )


def candidates(config: Config) -> list[Candidate]:
    """Give the candidates that compete."""
    return [
        Candidate(each.name, each.kind, dict(each.params), each.space())
        for each in config.candidates
    ]


def economics(config: Config) -> Economics:
    """Give costs, margin and limits."""
    stated = config.economics
    return Economics(
        margin=stated.margin,
        contact_cost=stated.contact_cost,
        budget=stated.budget,
        capacity=stated.capacity,
    )


def intervals(config: Config) -> Intervals:
    """Give level and resamples of the intervals."""
    return Intervals(config.evaluation.level, config.evaluation.bootstrap)


def list_spec(config: Config) -> ListSpec:
    """Give the terms of the list."""
    policy, money = config.policy, economics(config)
    return ListSpec(
        exclude_owned=policy.exclude_owned,
        policy=Policy(
            rows=policy.rows,
            per_item=policy.per_item,
            per_category=policy.per_category,
            contact_cost=money.contact_cost,
            max_contacts=_max_contacts(money),
            min_expected_profit=policy.min_expected_profit,
        ),
        control=policy.control,
        experiment=f"{config.name}-{config.seed}",
    )


def bundle_meta(config: Config) -> Mapping[str, Any]:
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
        # Files that kept customers or items off the list: scoring must be given them again.
        "exclusions": {
            "opt_out": config.policy.opt_out is not None,
            "suppress": len(config.policy.suppress),
        },
    }


def _max_contacts(money: Economics) -> int | None:
    """Give the smaller of the capacity and of what the budget pays."""
    limits = [] if money.capacity is None else [money.capacity]
    if money.budget is not None and money.contact_cost > 0:
        # A hair more, because ten contacts at 0.1 cost more than 1.0 in floating point.
        limits.append(int(money.budget / money.contact_cost + 1e-9))
    return min(limits) if limits else None
