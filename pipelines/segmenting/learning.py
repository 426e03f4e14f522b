"""From attributes to one numbered and named segmentation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lodeworks.errors import DataError
from models.segments import (
    AttributeSpace,
    Matched,
    Segmenter,
    VariableClusters,
    describe_segments,
    match_by_members,
    segment_names,
)
from models.segments.centres import CentreSegmenter
from pipelines.cache import Cache
from pipelines.config.sections import Engine
from pipelines.config.segments import Segments
from pipelines.segmenting.choosing import Measured, maker, measure, plain, planned, unplain
from pipelines.segmenting.labels import LEVELS
from pipelines.segmenting.people import People, chosen
from pipelines.segmenting.segmentation import Segmentation, places_of, read_segmentation

__all__ = ["Ground", "fit_winner", "measure_all", "prepare"]


@dataclass(frozen=True)
class Ground:
    """What customers are compared by.

    Attributes
    ----------
    people : People
        With the attributes used.
    space : AttributeSpace
        Fitted.
    groups : pandas.DataFrame or None
        Groups of attributes that say the same.
    left_out : dict of str to str
        Attributes not used, and why.
    """

    people: People
    space: AttributeSpace
    groups: pd.DataFrame | None
    left_out: Mapping[str, str] = field(default_factory=dict)


def prepare(config: Segments, people: People) -> Ground:
    """Choose the attributes and learn their scales.

    Raises
    ------
    DataError
        When nothing is left that tells customers apart.
    """
    wanted = config.attributes
    columns = chosen(people, wanted)
    groups = _groups(people.attributes[columns])
    left_out: dict[str, str] = {}
    if wanted.reduce and groups is not None:
        spare = groups.loc[~groups["stands_for_group"], "variable"]
        left_out = dict.fromkeys(map(str, spare), "says the same as another attribute")
        columns = [name for name in columns if name not in left_out]
    try:
        space = AttributeSpace(scale=wanted.scale).fit(people.attributes[columns])
    except ValueError as error:
        raise DataError(f"customers cannot be compared: {error}") from error
    kept = [name for name in columns if name in space.columns_]
    return Ground(people.only(kept), space, groups, {**space.dropped_, **left_out})


def measure_all(config: Segments, ground: Ground, cache: Cache, digest: str) -> list[Measured]:
    """Measure every method with every number of segments; each is kept in the cache."""
    found = []
    for name, candidate, k in planned(config.methods):
        depends = {
            "warehouse": digest,
            "window": config.window.model_dump(mode="json"),
            "attributes": config.attributes.model_dump(mode="json"),
            "columns": list(ground.people.attributes),
            "candidate": candidate.model_dump(mode="json", exclude={"k"}),
            "k": k,
            "choice": config.choice.model_dump(mode="json"),
            "seed": config.seed,
        }

        def make(folder: Path, name: str = name, candidate: Any = candidate, k: int = k) -> None:
            attributes = ground.people.attributes
            settings, seed = config.choice, config.seed
            one = measure(name, candidate, k, ground.space, attributes, settings, seed)
            (folder / "measured.json").write_text(json.dumps(plain(one)))

        step = cache.step("mine", name, depends, make)
        found.append(unplain(json.loads((step.folder / "measured.json").read_text())))
    return found


def fit_winner(
    config: Segments, ground: Ground, winner: str
) -> tuple[Segmentation, Matched | None]:
    """Fit the winner on all customers, number its segments and name them."""
    plans = {name: (candidate, k) for name, candidate, k in planned(config.methods)}
    candidate, k = plans[winner]
    attributes, space = ground.people.attributes, ground.space
    segmenter = maker(candidate, k, space, config.seed)
    _fit(segmenter, places_of(space, attributes, segmenter.form), config.engine)
    labels = pd.Series(segmenter.labels_, attributes.index)
    new_names = segment_names(describe_segments(attributes, labels), words=LEVELS)
    matched, former = _matched(config, ground.people, labels)
    ids = np.arange(1, segmenter.n_clusters_ + 1) if matched is None else matched.ids
    old_names = {} if former is None else dict(former.names)
    names = _names(ids, matched, old_names, new_names)
    fitted = Segmentation(
        columns=tuple(map(str, attributes)),
        space=space,
        segmenter=segmenter,
        method=candidate.kind,
        ids=tuple(int(one) for one in ids),
        names=names,
        used=max(int(ids.max()), 0 if former is None else former.used),
    )
    return fitted, matched


def _groups(attributes: pd.DataFrame) -> pd.DataFrame | None:
    try:
        return VariableClusters().fit(attributes).table_
    except ValueError:
        return None


def _fit(segmenter: Segmenter, places: np.ndarray, engine: Engine) -> None:
    """Fit on all customers: in Spark where that is asked for and the method keeps centres."""
    if engine.kind != "spark" or not isinstance(segmenter, CentreSegmenter):
        segmenter.fit(places)
        return
    from pipelines.spark.clustering import fit_in_spark

    fit_in_spark(segmenter, places, engine)


def _matched(
    config: Segments, people: People, labels: pd.Series
) -> tuple[Matched | None, Segmentation | None]:
    """Compare with the former rule, which says where the same customers would belong."""
    if config.former is None:
        return None, None
    former, _, _ = read_segmentation(config.former)
    lacking = [name for name in former.columns if name not in people.attributes]
    if lacking:
        raise DataError(
            f"former: {config.former} compares customers by {', '.join(lacking)}, which are not"
            " used now: include them, or leave out 'former'"
        )
    old = former.assign(people.attributes[list(former.columns)])["segment"]
    matched = match_by_members(old, labels, used=former.used)
    gone = sorted({*former.ids} - {*(int(one) for one in matched.ids)})
    return Matched(matched.ids, matched.likeness, gone), former


def _names(
    ids: np.ndarray, matched: Matched | None, old: Mapping[int, str], new: Mapping[Any, str]
) -> dict[int, str]:
    """Keep the names of segments that stay; a new one takes none that is in use."""
    names = {int(number): old[int(number)] for number in ids if int(number) in old}
    for code, number in enumerate(ids):
        if int(number) in names:
            continue
        name, copy = new[code], 1
        while name in names.values():
            copy += 1
            name = f"{new[code]} ({copy})"
        names[int(number)] = name
    return {int(number): names[int(number)] for number in ids}


def settings_of(config: Segments) -> dict[str, Any]:
    """Give what the result is a function of, beside the data."""
    return {
        "window": config.window.model_dump(mode="json"),
        "attributes": config.attributes.model_dump(mode="json"),
        "worth": config.worth.model_dump(mode="json"),
        "seed": config.seed,
    }
