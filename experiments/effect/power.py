"""How many customers an experiment needs, and what a given number can show."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from scipy import optimize, special

__all__ = ["Outcome", "cheapest_share", "detectable", "power_of", "required_size", "share_table"]


@dataclass(frozen=True)
class Outcome:
    """How an outcome scatters between customers: a share by its base, a mean by its deviation.

    Attributes
    ----------
    base : float or None
        Share of the controls who respond, between 0 and 1.
    sd : float or None
        Standard deviation between customers; one of the two is given.

    Examples
    --------
    >>> Outcome()
    Traceback (most recent call last):
    ...
    ValueError: give either base (a share) or sd (of a mean)
    """

    base: float | None = None
    sd: float | None = None

    def __post_init__(self) -> None:
        if (self.base is None) == (self.sd is None):
            raise ValueError("give either base (a share) or sd (of a mean)")
        if self.base is not None and not 0 < self.base < 1:
            raise ValueError(f"base must be between 0 and 1 but got {self.base!r}")
        if self.sd is not None and not 0 < self.sd < math.inf:
            raise ValueError(f"sd must be above 0 but got {self.sd!r}")

    @property
    def largest(self) -> float:
        """Largest effect there can be."""
        return math.inf if self.base is None else 1 - self.base

    def spreads(self, effect: float, control: float) -> tuple[float, float]:
        """Give the standard error times root n, without the effect and with it."""
        if self.sd is not None:
            spread = self.sd * math.sqrt(1 / (1 - control) + 1 / control)
            return spread, spread
        assert self.base is not None
        other = self.base + effect
        if not 0 <= other <= 1:
            raise ValueError(f"base {self.base:g} and effect {effect:g} make a share of {other:g}")
        pooled = (1 - control) * other + control * self.base
        null = pooled * (1 - pooled) * (1 / (1 - control) + 1 / control)
        found = other * (1 - other) / (1 - control) + self.base * (1 - self.base) / control
        return math.sqrt(null), math.sqrt(found)


def required_size(
    outcome: Outcome,
    effect: float,
    *,
    control: float = 0.5,
    power: float = 0.8,
    alpha: float = 0.05,
) -> int:
    """Give the customers in both groups together that show an effect with the stated power.

    Parameters
    ----------
    outcome : Outcome
        What is measured.
    effect : float
        Difference per customer, not 0; of a share in points (0.01 is one point).
    control : float
        Share of customers in the control group, between 0 and 1.
    power : float
        Probability of finding the effect when it is there.
    alpha : float
        Probability of finding one when there is none, two-sided.

    Notes
    -----
    Fleiss, Levin and Paik (2003), *Statistical Methods for Rates and Proportions*, ch. 4, without
    continuity correction; for means the usual normal formula.

    Examples
    --------
    >>> required_size(Outcome(base=0.10), 0.02)
    7682
    >>> required_size(Outcome(sd=10.0), 1.0, control=0.1)
    8721
    """
    _check(control, power, alpha)
    if effect == 0:
        raise ValueError("an effect of 0 cannot be shown by any number of customers")
    null, found = outcome.spreads(effect, control)
    z_alpha, z_power = special.ndtri(1 - alpha / 2), special.ndtri(power)
    return math.ceil(((z_alpha * null + z_power * found) / effect) ** 2)


def power_of(
    outcome: Outcome, effect: float, customers: int, *, control: float = 0.5, alpha: float = 0.05
) -> float:
    """Give the probability that an effect is found.

    Parameters
    ----------
    outcome, effect, control, alpha
        As in `required_size`.
    customers : int
        In both groups together.

    Examples
    --------
    >>> round(power_of(Outcome(base=0.10), 0.02, 7682), 3)
    0.8
    """
    _check(control, 0.5, alpha)
    null, found = outcome.spreads(effect, control)
    z_alpha = float(special.ndtri(1 - alpha / 2))
    reach = abs(effect) * math.sqrt(customers)
    return float(
        special.ndtr((reach - z_alpha * null) / found)
        + special.ndtr((-reach - z_alpha * null) / found)
    )


def detectable(
    outcome: Outcome,
    customers: int,
    *,
    control: float = 0.5,
    power: float = 0.8,
    alpha: float = 0.05,
) -> float:
    """Give the smallest rise that is found with the stated power; NaN when none is.

    Parameters
    ----------
    outcome, control, power, alpha
        As in `required_size`.
    customers : int
        In both groups together.

    Examples
    --------
    >>> round(detectable(Outcome(base=0.10), 7682), 4)
    0.02
    """
    _check(control, power, alpha)

    def lacking(effect: float) -> float:
        null, found = outcome.spreads(effect, control)
        z_alpha, z_power = special.ndtri(1 - alpha / 2), special.ndtri(power)
        return float(effect * math.sqrt(customers) - z_alpha * null - z_power * found)

    if customers < 2:
        return math.nan
    far = outcome.largest
    if math.isinf(far):
        return -lacking(0.0) / math.sqrt(customers)
    return float(optimize.brentq(lacking, 1e-12, far)) if lacking(far) > 0 else math.nan


def share_table(
    outcome: Outcome,
    customers: int,
    shares: Iterable[float],
    *,
    effect: float | None = None,
    value: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Set what each control share can show against what it forgoes.

    Parameters
    ----------
    outcome, power, alpha
        As in `required_size`.
    customers : int
        In both groups together.
    shares : iterable of float
        Control shares to try, each between 0 and 1.
    effect : float, optional
        An effect worth finding: gives the column ``power``.
    value : float, optional
        Money that a contact earns: gives ``value_forgone`` by not contacting the controls.

    Returns
    -------
    pandas.DataFrame
        ``control_share``, ``control_customers``, ``target_customers``, ``detectable_effect`` and,
        where asked, ``power`` and ``value_forgone``.
    """
    rows = []
    for share in shares:
        held = round(customers * share)
        row = {
            "control_share": share,
            "control_customers": held,
            "target_customers": customers - held,
            "detectable_effect": detectable(
                outcome, customers, control=share, power=power, alpha=alpha
            ),
        }
        if effect is not None:
            row["power"] = power_of(outcome, effect, customers, control=share, alpha=alpha)
        if value is not None:
            row["value_forgone"] = held * value
        rows.append(row)
    return pd.DataFrame(rows)


def cheapest_share(
    outcome: Outcome, effect: float, customers: int, *, power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """Give the smallest control share that reaches the power; None when no share does.

    Each customer held back forgoes the value of a contact, so the smallest share is the cheapest.

    Examples
    --------
    >>> cheapest_share(Outcome(base=0.10), 0.02, 10_000)
    0.27
    >>> cheapest_share(Outcome(base=0.10), 0.02, 1_000) is None
    True
    """
    for percent in range(1, 51):
        share = percent / 100
        if power_of(outcome, effect, customers, control=share, alpha=alpha) >= power:
            return share
    return None


def _check(control: float, power: float, alpha: float) -> None:
    for name, value in (("control", control), ("power", power), ("alpha", alpha)):
        if not 0 < value < 1:
            raise ValueError(f"{name} must be between 0 and 1 but got {value!r}")
