"""Customers unlike the others of their class."""

import pandas as pd

from features.privacy import suppress
from lodeworks.errors import DataError
from models.deviation import AbnormalMembers
from pipelines.config.deviation import Members
from pipelines.deviating.found import Found, table_of
from pipelines.deviating.reading import Seen, classes_of

__all__ = ["find_members"]


def find_members(seen: Seen, wanted: Members, seed: int, min_group: int) -> Found:
    """Search every class by every method; those that more methods find come first.

    Raises
    ------
    DataError
        When no indicator tells the customers of a class apart.
    """
    classes = classes_of(seen, wanted.by)
    parts, notes = [], []
    for method in wanted.methods:
        finder = AbnormalMembers(
            method, share=wanted.share, min_members=wanted.least, random_state=seed
        )
        try:
            finder.fit(seen.features, classes)
        except ValueError as error:
            raise DataError(f"members: {error}") from error
        parts.append(finder.find(seen.features, classes).assign(method=method))
        notes = [
            f"class {name!r} has {count} members and was left out ({wanted.least} are needed)"
            for name, count in sorted(finder.skipped_.items())
        ]
    found = _joined(pd.concat(parts, ignore_index=True))
    table = table_of(
        "member",
        found.assign(
            subject=found["row"],
            rank=range(1, len(found) + 1),
            score=found["score"],
            measure=found["attribute"],
        ),
    )
    return Found(
        "member",
        table,
        {
            "Unusual by class": _by_class(found, classes, min_group),
            "Reasons": _reasons(found, min_group),
        },
        notes=tuple(notes),
    )


def _joined(parts: pd.DataFrame) -> pd.DataFrame:
    """Give each customer once: found by most methods, then by rank in the class."""
    parts = parts.assign(
        attribute=[reasons[0]["attribute"] if reasons else "" for reasons in parts["reasons"]]
    )
    by = parts.groupby("row")["method"].transform("nunique")
    parts = parts.assign(methods=by)
    order = ["methods", "rank", "group", "row", "method"]
    parts = parts.sort_values(order, ascending=[False, True, True, True, True])
    return parts.drop_duplicates("row", ignore_index=True)


def _by_class(found: pd.DataFrame, classes: pd.Series, min_group: int) -> pd.DataFrame:
    sizes = classes.value_counts().sort_index()
    table = pd.DataFrame({"class": sizes.index, "customers": sizes.to_numpy(dtype=float)})
    cells = pd.DataFrame({"class": [None, *sizes.index]})
    cells["customers"] = [int(sizes.sum()), *sizes.astype(int)]
    hidden = suppress(cells, ["class"], "customers", min_group)[1:]
    table["unusual"] = table["class"].map(found["group"].value_counts()).fillna(0).astype(float)
    shown = ~hidden & (table["unusual"] >= min_group)
    return table.assign(
        customers=table["customers"].where(~hidden), unusual=table["unusual"].where(shown)
    )


def _reasons(found: pd.DataFrame, min_group: int) -> pd.DataFrame:
    first = found.loc[found["attribute"] != "", "attribute"].value_counts()
    table = first.rename_axis("attribute").reset_index(name="customers")
    table = table.sort_values(
        ["customers", "attribute"], ascending=[False, True], ignore_index=True
    )
    counts = table["customers"].astype(float)
    return table.assign(customers=counts.where(counts >= min_group))
