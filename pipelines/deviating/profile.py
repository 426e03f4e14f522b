"""What is usual in each class, in a sealed folder that names no customer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from experiments.bundle.mlmodel import Served
from experiments.bundle.parts import read_state, write_state
from experiments.bundle.plain import read_json, write_json
from experiments.bundle.seal import check_seal, seal
from lodeworks.errors import BundleError
from lodeworks.files import new_folder
from models.deviation import AbnormalMembers
from pipelines.config.deviation import Members
from pipelines.questions.served import served_lines, write_served

__all__ = ["Profile", "agreement", "fit_profile", "read_profile", "served_profile", "write_profile"]

PARTS = ("members.json", "meta.json")
OUTPUTS = {
    "customer_id": "string",
    "rank": "long",
    "unusual": "boolean",
    "class": "string",
    "score": "double",
    "text": "string",
}


@dataclass(frozen=True)
class Profile:
    """What was learned.

    Attributes
    ----------
    members : AbnormalMembers
        An isolation forest for each class.
    meta : dict
        ``kind`` ('deviation'), ``name``, ``by`` and ``cuts`` (how customers are classed),
        ``columns``, ``families``, ``observe``, ``sources`` ...
    """

    members: AbnormalMembers
    meta: dict[str, Any] = field(default_factory=dict)


def fit_profile(
    features: pd.DataFrame, classes: pd.Series, wanted: Members, seed: int
) -> AbnormalMembers:
    """Learn what is usual in each class."""
    finder = AbnormalMembers(
        "forest", share=wanted.share, min_members=wanted.least, random_state=seed
    )
    return finder.fit(features, classes)


def agreement(features: pd.DataFrame, classes: pd.Series, wanted: Members, seed: int) -> float:
    """Say how far two halves of the customers agree on who is unusual.

    Returns
    -------
    float
        Spearman's rank correlation, within the classes, of the scores that profiles of either half
        give to all; NaN where a half is too small or all alike.
    """
    half = np.random.default_rng(seed).permutation(len(features)) % 2
    fewer = wanted.model_copy(update={"least": max(2, wanted.least // 2)})
    try:
        ranks = [
            fit_profile(features[half == part], classes[half == part], fewer, seed)
            .score(features, classes)
            .groupby(classes)
            .rank(pct=True)
            for part in (0, 1)
        ]
    except ValueError:  # nothing varies in a half
        return float("nan")
    known = ranks[0].notna() & ranks[1].notna()
    if known.sum() < 2:
        return float("nan")
    return float(stats.spearmanr(ranks[0][known], ranks[1][known]).statistic)


def write_profile(folder: str | Path, profile: Profile) -> None:
    """Write a bundle, whole or not at all; equal bundles give equal bytes."""
    with new_folder(folder) as aside:
        write_state(aside, "members", profile.members.get_state())
        write_json(aside / "meta.json", profile.meta)
        write_served(aside, served_profile(), profile.meta)
        seal(aside)


def served_profile() -> Served:
    """Say what MLflow is told."""
    return served_lines(OUTPUTS)


def read_profile(folder: str | Path) -> Profile:
    """Read a bundle after its seal was checked; nothing in it is run as code.

    Raises
    ------
    BundleError
        When the folder is no such bundle, or damaged.
    """
    folder = Path(folder)
    check_seal(folder, needed=PARTS)
    meta: Mapping[str, Any] = read_json(folder / "meta.json")
    if meta.get("kind") != "deviation":
        raise BundleError(f"{folder}: a bundle of kind {meta.get('kind')!r}, not 'deviation'")
    try:
        members = AbnormalMembers.from_state(read_state(folder, "members"))
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the profile cannot be read: {error}") from error
    return Profile(members, dict(meta))
