"""The job behind `lode plan`: how large an experiment must be, and how many to hold back."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lodeworks.errors import ConfigError, DataError

__all__ = ["Plan", "PlanRequest", "plan"]

SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What was asked.

    Attributes
    ----------
    base : float or None
        Share of customers who respond without a contact.
    sd : float or None
        Standard deviation of an outcome in money or pieces, in the place of `base`.
    effect : float or None
        Difference worth finding: points of a share (0.01 = one point), or money a customer.
    customers : int or None
        In both groups together.
    control : float or None
        Share held back.
    value : float or None
        Money that contacting a customer earns: prices the control group.
    power, alpha : float
        Probability of finding the effect; of finding one that is not there (two-sided).
    path : Path or None
        A list: gives customers, control share, base and value where they are not stated.
    measured : Path or None
        ``measure.json`` of an earlier measurement: its controls give the base, or with `outcome`
        the standard deviation of another outcome.
    outcome : str
        The outcome of `measured` that is planned for.
    """

    base: float | None = None
    sd: float | None = None
    effect: float | None = None
    customers: int | None = None
    control: float | None = None
    value: float | None = None
    power: float = 0.8
    alpha: float = 0.05
    path: Path | None = None
    measured: Path | None = None
    outcome: str = "response"


@dataclass(frozen=True)
class Plan:
    """The answer.

    Attributes
    ----------
    values : dict
        What was assumed and what follows, as plain values.
    table : list of dict
        Control shares against what they show and cost; empty without a number of customers.
    """

    values: dict[str, Any]
    table: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {**self.values, "table": self.table}

    def text(self) -> str:
        """Give a few lines for the terminal."""
        lines = [*self.values["statements"]]
        if self.table:
            import pandas as pd

            frame = pd.DataFrame(self.table)
            shown = frame.to_string(
                index=False,
                float_format=lambda value: f"{value:,.4g}",
                formatters={"value_forgone": lambda value: f"{value:,.2f}"},
            )
            lines += ["", shown]
        return "\n".join(lines)


def plan(request: PlanRequest) -> Plan:
    """Answer what is not stated: the customers needed, or the effect that can be shown.

    Parameters
    ----------
    request : PlanRequest
        What is known.

    Raises
    ------
    ConfigError
        When too little or something impossible is stated; all of it at once.
    DataError
        When the list or the measurement cannot be read.

    Examples
    --------
    >>> plan(PlanRequest(base=0.10, effect=0.02, control=0.5)).values["customers_needed"]
    7682
    """
    known = _filled(request)
    _refuse(_problems(known))
    return _answer(known)


def _filled(request: PlanRequest) -> PlanRequest:
    """Take from the list and the measurement what is not stated."""
    stated = {name: value for name, value in vars(request).items() if value is not None}
    found: dict[str, Any] = {}
    if request.path is not None:
        found |= _from_list(request.path)
    if request.measured is not None:
        found |= _from_measured(request.measured, request.outcome)
    if request.sd is not None:
        found.pop("base", None)
    if request.base is not None:
        found.pop("sd", None)
    return PlanRequest(**{**found, **stated})


def _from_list(path: Path) -> dict[str, Any]:
    from pipelines.measuring.given_list import read_list
    from pipelines.measuring.problems import Problems

    problems = Problems()
    given = read_list(path, problems)
    people = given.customers if not problems.data else None
    if people is None:
        problems.data = [one for one in problems.data if "control group" not in one]
        problems.refuse()
        people = given.customers
    share = float((~people["treated"]).mean())
    return {
        "customers": len(people),
        "base": float(people["expected_response"].mean()),
        "value": max(0.0, float(people["expected_profit"].mean())),
        **({"control": share} if 0 < share < 1 else {}),
    }


def _from_measured(path: Path, outcome: str) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        effects = {row["outcome"]: row for row in values["effects"]}
        controls = effects.get(outcome)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is no measure.json of an earlier measurement: {error}") from error
    if controls is None:
        from lodeworks.errors import did_you_mean

        raise ConfigError(f"--outcome {outcome!r}; {did_you_mean(outcome, effects)}")
    if outcome.endswith("response"):
        return {"base": controls["control_mean"]}
    n, m = controls["treated"], controls["control"]
    # One deviation for both groups, from the standard error of their difference.
    return {"sd": controls["se"] / math.sqrt(1 / n + 1 / m)}


def _problems(known: PlanRequest) -> list[str]:
    problems = []
    if (known.base is None) == (known.sd is None):
        problems.append(
            "state --base (a share) or --sd (of money or pieces), or give --list or --measured"
        )
    if known.effect is None and known.customers is None:
        problems.append("state --effect to learn the customers, or --customers to learn the effect")
    shares = {"--base": known.base, "--control": known.control}
    shares |= {"--power": known.power, "--alpha": known.alpha}
    problems += [
        f"{name} must be between 0 and 1 but got {value:g}"
        for name, value in shares.items()
        if value is not None and not 0 < value < 1
    ]
    if known.sd is not None and not known.sd > 0:
        problems.append(f"--sd must be above 0 but got {known.sd:g}")
    if known.customers is not None and known.customers < 2:
        problems.append(f"--customers must be at least 2 but got {known.customers}")
    return [*problems, *_effect_problems(known)]


def _effect_problems(known: PlanRequest) -> list[str]:
    if known.effect is None:
        return []
    if known.effect == 0:
        return ["--effect 0 cannot be shown by any number of customers"]
    if known.base is not None and not 0 <= known.base + known.effect <= 1:
        return [
            f"--base {known.base:g} and --effect {known.effect:g} make a share of"
            f" {known.base + known.effect:g}; an effect on a share is stated in points, 0.01 is one"
        ]
    return []


def _refuse(problems: list[str]) -> None:
    if len(problems) == 1:
        raise ConfigError(problems[0])
    if problems:
        raise ConfigError("nothing can be planned", problems)


def _answer(known: PlanRequest) -> Plan:
    from experiments.effect.power import Outcome

    outcome = Outcome(base=known.base, sd=known.sd)
    control = known.control or 0.5
    assumed = {
        name: getattr(known, name)
        for name in ("base", "sd", "effect", "customers", "value", "power", "alpha")
    }
    values: dict[str, Any] = {**assumed, "control": control}
    values |= _sizes(outcome, known, control)
    table = _table(outcome, known)
    return Plan({**values, "statements": _statements(values)}, table)


def _sizes(outcome: Any, known: PlanRequest, control: float) -> dict[str, Any]:
    from experiments.effect.power import cheapest_share, detectable, power_of, required_size

    settings = {"power": known.power, "alpha": known.alpha}
    found: dict[str, Any] = {}
    if known.effect is not None:
        found["customers_needed"] = required_size(
            outcome, known.effect, control=control, **settings
        )
    if known.customers is not None:
        reach = detectable(outcome, known.customers, control=control, **settings)
        found["detectable_effect"] = reach if reach == reach else None
    if known.effect is not None and known.customers is not None:
        found["power_reached"] = power_of(
            outcome, known.effect, known.customers, control=control, alpha=known.alpha
        )
        found["cheapest_control"] = cheapest_share(
            outcome, known.effect, known.customers, **settings
        )
    return found


def _table(outcome: Any, known: PlanRequest) -> list[dict[str, Any]]:
    if known.customers is None:
        return []
    from experiments.effect.power import share_table

    shares = sorted({*SHARES, *([known.control] if known.control else [])})
    frame = share_table(
        outcome,
        known.customers,
        shares,
        effect=known.effect,
        value=known.value,
        power=known.power,
        alpha=known.alpha,
    )
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _statements(values: dict[str, Any]) -> list[str]:
    told = []
    what = (
        f"of a base of {values['base']:.4g}"
        if values["base"] is not None
        else f"at a standard deviation of {values['sd']:.4g}"
    )
    sure = f"with power {values['power']:.0%} at alpha {values['alpha']:g}"
    if "customers_needed" in values:
        needed, held = values["customers_needed"], values["control"]
        told.append(
            f"an effect of {values['effect']:.4g} {what} needs {needed:,} customers {sure},"
            f" {math.ceil(needed * held):,} of them held back ({held:.1%})"
        )
    if values.get("detectable_effect") is not None:
        told.append(
            f"{values['customers']:,} customers with {values['control']:.1%} held back show an"
            f" effect of {values['detectable_effect']:.4g} or more {what} {sure}"
        )
    if "power_reached" in values:
        told.append(f"an effect of {values['effect']:.4g} is found {_often(values)}")
        told.append(_cheapest(values))
    return told


def _often(values: dict[str, Any]) -> str:
    return f"in {values['power_reached']:.0%} of such experiments"


def _cheapest(values: dict[str, Any]) -> str:
    share = values["cheapest_control"]
    if share is None:
        return "too few customers: no control share reaches the power; half and half comes nearest"
    told = f"the smallest control share that reaches the power is {share:.0%}"
    if values["value"] is None:
        return told
    forgone = round(values["customers"] * share) * values["value"]
    return f"{told}; not contacting them forgoes {forgone:,.2f}"
