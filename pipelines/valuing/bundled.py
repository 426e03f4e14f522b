"""A fitted model of value in a sealed folder, and what it says of customers."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.bundle.mlmodel import Served
from experiments.bundle.plain import read_json, write_json
from experiments.bundle.seal import check_seal, seal
from lodeworks.errors import BundleError
from lodeworks.files import new_folder
from models.segments import ValuePyramid
from models.value import PURCHASE_MODELS, GammaGamma, PurchaseModel
from pipelines.questions.served import served_lines, write_served

__all__ = [
    "ValueBundle",
    "read_value_bundle",
    "served_value",
    "value_class",
    "value_table",
    "write_value_bundle",
]

PARTS = ("buying.json", "meta.json", "spending.json")
MONTH = 365.25 / 12
OUTPUTS = {
    "customer_id": "string",
    "purchases": "double",
    "p_alive": "double",
    "expected_purchases": "double",
    "expected_spend": "double",
    "expected_value": "double",
    "lifetime_value": "double",
    "currency": "string",
    "value_class": "string",
}


@dataclass(frozen=True)
class ValueBundle:
    """What was learned of buying, spending and classes.

    Attributes
    ----------
    buying : PurchaseModel
    spending : GammaGamma
    meta : dict
        ``kind`` ('value'), ``model``, ``unit``, ``economics``, ``classes`` (least value of each),
        ``observe``, ``sources`` ...
    """

    buying: PurchaseModel
    spending: GammaGamma
    meta: dict[str, Any] = field(default_factory=dict)


def value_table(
    bundle: ValueBundle,
    histories: pd.DataFrame,
    *,
    discount: float | None = None,
    retention: float = 1.0,
) -> pd.DataFrame:
    """Say of each customer what is expected.

    Parameters
    ----------
    bundle : ValueBundle
    histories : pandas.DataFrame
        By ``customer_id``.
    discount : float, optional
        Rate of a year, in place of the bundle's.
    retention : float, default 1
        Share of the expected purchases that remains from one month to the next.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``purchases`` (days so far), ``p_alive``, ``expected_purchases`` (within
        the horizon), ``expected_spend`` (of one purchase), ``expected_value`` (margin within the
        horizon), ``lifetime_value`` (the same, discounted), ``currency``.
    """
    money, unit = bundle.meta["economics"], bundle.meta["unit"]
    yearly = money["discount"] if discount is None else discount
    horizon = money["horizon"]
    spend = bundle.spending.expected_spend(histories)
    counts = bundle.buying.expected_purchases(histories, horizon / unit)
    months = _by_month(bundle.buying, histories, horizon, unit)
    month = np.arange(months.shape[1])
    # Paid at the end of each month, or at its beginning.
    paid = month + bool(money.get("discount_first", True))
    factor = (1 + yearly) ** (-paid / 12) * retention**month
    return pd.DataFrame(
        {
            "customer_id": histories.index.astype(str),
            "purchases": histories["frequency"].to_numpy() + 1,
            "p_alive": bundle.buying.p_alive(histories),
            "expected_purchases": counts,
            "expected_spend": spend,
            "expected_value": counts * spend * money["margin"],
            "lifetime_value": months @ factor * spend * money["margin"],
            "currency": money["currency"],
        }
    )


def _by_month(model: PurchaseModel, histories: pd.DataFrame, horizon: int, unit: int) -> np.ndarray:
    """Give the purchases expected in each coming month; the last may be a short one."""
    ends = np.append(np.arange(MONTH, horizon - 1e-9, MONTH), horizon)
    total = [model.expected_purchases(histories, float(end) / unit) for end in ends]
    return np.diff(np.column_stack([np.zeros(len(histories)), *total]), axis=1)


def value_class(value: pd.Series, cuts: list[float]) -> np.ndarray:
    """Give the class of each value by the least values of the top, large and medium ones."""
    pyramid = ValuePyramid()
    pyramid.cuts_ = list(cuts)
    return pyramid.predict(value)


def write_value_bundle(folder: str | Path, bundle: ValueBundle) -> None:
    """Write a bundle, whole or not at all; equal bundles give equal bytes."""
    with new_folder(folder) as aside:
        write_json(aside / "buying.json", bundle.buying.get_state())
        write_json(aside / "spending.json", bundle.spending.get_state())
        write_json(aside / "meta.json", bundle.meta)
        write_served(aside, served_value(), bundle.meta)
        seal(aside)


def served_value() -> Served:
    """Say what MLflow is told."""
    return served_lines(dict(OUTPUTS))


def read_value_bundle(folder: str | Path) -> ValueBundle:
    """Read a bundle after its seal was checked.

    Raises
    ------
    BundleError
        When the folder is no such bundle, or damaged.
    """
    folder = Path(folder)
    check_seal(folder, needed=PARTS)
    meta = read_json(folder / "meta.json")
    if meta.get("kind") != "value" or meta.get("model") not in PURCHASE_MODELS:
        raise BundleError(f"{folder}: not a bundle of the question of value")
    try:
        buying = PURCHASE_MODELS[meta["model"]]().set_state(read_json(folder / "buying.json"))
        spending = GammaGamma().set_state(read_json(folder / "spending.json"))
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the model cannot be read: {error}") from error
    return ValueBundle(buying, spending, meta)
