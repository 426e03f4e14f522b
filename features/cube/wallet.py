"""Share of wallet: own spend over total need, which is either in the data or estimated."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeworks.errors import ConfigError

if TYPE_CHECKING:
    from features.cube.declaration import Wallet
    from features.cube.view import View

__all__ = ["WalletShare", "wallet_share"]


@dataclass(frozen=True)
class WalletShare:
    """Own spend against need, for the cells of a view.

    Attributes
    ----------
    frame : pandas.DataFrame
        The levels of the view, ``customers``, ``own``, ``need``, ``wallet_share``, ``estimated``.
    estimated : bool
        Whether the need is an estimate from peers and not known.
    notes : tuple of str
    """

    frame: pd.DataFrame
    estimated: bool
    notes: tuple[str, ...]


def wallet_share(view: "View") -> WalletShare:
    """Give the share of wallet by the levels on a view's rows and columns.

    Where a measure of the need is declared, the share is own spend over need. Otherwise a customer
    is held to need what the declared quantile of the peers spends here, or the own spend where
    that is more: a lower bound of the true need, because the best peers buy elsewhere too.

    Parameters
    ----------
    view : View
        Its levels and conditions count.

    Raises
    ------
    ConfigError
        When the cube declares no wallet.
    """
    wallet = view.cube.declaration.wallet
    if wallet is None:
        raise ConfigError("the cube declares no wallet: own, customer, and need or peers")
    plain = replace(view, total_mode=None, scenarios=(), compared=())
    frame, levels = _by_customer(plain, wallet)
    estimated = wallet.need is None
    if estimated:
        assert wallet.peers is not None
        frame["need"] = _peers_need(frame, wallet.peers, wallet.quantile)
    result = _totalled(frame, levels, wallet.customer).assign(estimated=estimated)
    notes = [_how(wallet)]
    privacy = view.cube.declaration.privacy
    if privacy is not None:
        small = result["customers"] < privacy.min_group
        # a total is not shown beside the parts, so that nothing can be subtracted
        result.loc[small, ["customers", "own", "need", "wallet_share"]] = np.nan
        notes += [
            f"{small.sum()} groups are hidden: fewer than {privacy.min_group} customers"
        ] * bool(small.any())
    return WalletShare(result, estimated, tuple(notes))


def _how(wallet: "Wallet") -> str:
    if wallet.need is not None:
        return f"share of wallet = {wallet.own} / {wallet.need}, both from the data"
    return (
        f"ESTIMATE: a customer is held to need what {wallet.quantile:.0%} of the peers in "
        f"{wallet.peers} do not exceed; the true need is not in the data and may be larger"
    )


def _by_customer(view: "View", wallet: "Wallet") -> tuple[pd.DataFrame, list[str]]:
    """Give own spend, and need where it is known, of each customer in each cell."""
    levels = list(view.shown)
    more = [wallet.customer, *([wallet.peers] if wallet.peers else [])]
    axes = sorted(dict.fromkeys([*levels, *more]), key=list(view.cube.layout.levels).index)
    names = [wallet.own, *([wallet.need] if wallet.need else [])]
    detail = replace(view, row_levels=tuple(axes), column_levels=())
    cells = view.cube.detail(detail.measures(*names))
    frame = cells.frame.rename(columns={wallet.own: "own", wallet.need or "": "need"})
    shown = [key for key in cells.levels if key in levels or _tells_apart(view, key, levels)]
    return frame, shown


def _tells_apart(view: "View", key: str, levels: list[str]) -> bool:
    return any(key in view.cube.layout.identity(level) for level in levels)


def _peers_need(frame: pd.DataFrame, peers: str, quantile: float) -> pd.Series:
    """Estimate by customers of all the cells, so that no cell is its own yardstick."""
    by_peers = frame.groupby(peers, dropna=False)["own"]
    typical = by_peers.transform(lambda spend: spend.quantile(quantile))
    return typical.where(typical > frame["own"], frame["own"])


def _totalled(frame: pd.DataFrame, levels: list[str], customer: str) -> pd.DataFrame:
    columns = {"customers": (customer, "nunique"), "own": ("own", "sum"), "need": ("need", "sum")}
    if levels:
        result = frame.groupby(levels, dropna=False, sort=True).agg(**columns).reset_index()
    else:
        total = frame.assign(all=0).groupby("all").agg(**columns)
        result = total.reset_index(drop=True)
    need = result["need"].to_numpy(dtype=float)
    share = np.divide(result["own"], need, out=np.full(len(result), np.nan), where=need != 0)
    return result.assign(wallet_share=share)
