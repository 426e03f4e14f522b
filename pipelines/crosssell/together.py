"""Limits that hold for all customers together, decided over what the parts propose."""

from dataclasses import replace

import numpy as np
import pandas as pd

from lodeworks.errors import BudgetExceeded
from pipelines.crosssell.budget import Budget
from pipelines.crosssell.stages import Job
from pipelines.lists.allocation import own_choice, reach
from pipelines.lists.policy import Refusals, apply_policy, market_of

__all__ = ["agree"]

# A candidate in memory while scarce items are shared out: its columns, sorted and as a market.
CANDIDATE = 260
SLIM = ["customer", "item", "category", "score", "probability", "expected_margin"]


def agree(job: Job, budget: Budget) -> Refusals:
    """Decide who is reached, and where items are scarce, who gets them.

    Where no item is scarce, only one number of each customer is held in memory: what the own
    choice earns. Else the candidates of all customers are, in few columns.

    Parameters
    ----------
    job : Job
        After the stage ``propose``. What the stage ``settle`` needs is written beside it.
    budget : Budget
        Memory for the candidates.

    Returns
    -------
    Refusals
        Of everybody, where items are scarce; else nothing yet: the parts will say.

    Raises
    ------
    BudgetExceeded
        When the candidates do not fit into memory.
    """
    numbers = range(len(job.parted.sizes))
    policy = job.scorer.spec.policy
    who = [dict(np.load(job.place("who", number).with_suffix(".npz"))) for number in numbers]
    everybody = {name: np.concatenate([one[name] for one in who]) for name in who[0]}
    reached = reach(
        everybody["gain"], everybody["worthy"], everybody["control"], policy.max_contacts
    )
    starts = np.concatenate([[0], np.cumsum([len(one["gain"]) for one in who])])
    parts = [reached[starts[number] : starts[number + 1]] for number in numbers]
    if _is_enough(job, parts):
        for number, part in zip(numbers, parts, strict=True):
            np.save(job.place("reached", number), part)
        return Refusals()
    return _share_out(job, starts, everybody["control"], budget)


def _is_enough(job: Job, parts: list[np.ndarray]) -> bool:
    """Tell whether every customer who is reached can have the own choice."""
    spec = job.scorer.spec
    items = job.scorer.scorer.recommender.items_
    quota = spec.policy.quota(items)
    if spec.policy.per_item is None and not spec.policy.quotas:
        return True
    if spec.policy.explore > 0:  # what chance takes counts too, customer by customer
        return False
    demand = np.zeros(len(items), dtype=np.int64)
    for number, reached in enumerate(parts):
        offers = pd.read_parquet(job.place("offers", number))
        _, market, limits = market_of(offers, spec.policy, np.zeros(len(reached), bool), items)
        taken = own_choice(market, limits)[0] & reached[market.customer]
        demand += np.bincount(market.item[taken], minlength=len(items))
        if (demand > quota).any():
            return False
    return True


def _share_out(job: Job, starts: np.ndarray, control: np.ndarray, budget: Budget) -> Refusals:
    spec, items = job.scorer.spec, job.scorer.scorer.recommender.items_
    frames = []
    for number, first in enumerate(starts[:-1].tolist()):
        offers = pd.read_parquet(job.place("offers", number), columns=SLIM)
        frames.append(offers.assign(customer=(offers["customer"] + first).astype(np.int32)))
        _check(sum(map(len, frames)), budget)
    offers = pd.concat(frames, ignore_index=True)
    del frames
    chosen, refusals = apply_policy(
        offers,
        replace(spec.policy, experiment=spec.experiment),
        control,
        customers=_identifiers(job) if spec.policy.explore > 0 else None,
        items=items,
    )
    place = np.searchsorted(starts, chosen["customer"].to_numpy(), side="right") - 1
    for number, first in enumerate(starts[:-1].tolist()):
        own = chosen[place == number]
        own = own.assign(customer=(own["customer"] - first).astype(np.int32))
        own.reset_index(drop=True).to_parquet(job.place("chosen", number))
    return refusals


def _check(candidates: int, budget: Budget) -> None:
    needed = candidates * CANDIDATE
    if needed > budget.room:
        raise BudgetExceeded(
            f"items are scarce: sharing them out over more than {candidates:,} offers needs more"
            f" memory than the {budget.memory / 1024**3:.1f} GiB allowed: give more with --memory,"
            " offer fewer rows, or do without a quota"
        )


def _identifiers(job: Job) -> pd.Index:
    numbers = range(len(job.parted.sizes))
    parts = [pd.read_parquet(job.place("names", number)) for number in numbers]
    names: list[str] = pd.concat(parts)["customer_id"].tolist()
    return pd.Index(names)
