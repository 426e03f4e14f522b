"""One customer's story, for owners: who, what they bought, and what they are offered and why."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.bench import Bench, bench_of, page
from app.people import Role
from app.readers.frames import personal_columns
from app.readers.items import item_names
from app.readers.offers import offers_to
from app.readers.runs import Gone, Run
from app.readers.warehouse import Story, customer_story, customers_like
from app.security import demand, session_of
from experiments.report.numbers import compact
from experiments.report.plots import Plot
from experiments.report.svg import Line, line_chart
from experiments.report.tables import Table, table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["router"]

router = APIRouter()
NEWEST = 20
LONGEST = 200


@router.get("/customer")
def customer(request: Request) -> Response:
    """Find a customer and tell their story."""
    wanted = request.query_params.get("id", "").strip()[:LONGEST]
    if not session_of(request).person.may(Role.OWNER):
        return page(request, "customer_closed.html", code=403 if wanted else 200)
    if not wanted:
        return page(request, "customer.html", wanted="", story=None, near=[], scores=[])
    person, bench = demand(request, Role.OWNER), bench_of(request)
    bench.audit.customer(person, "view customer", wanted)
    story = customer_story(bench.workspace.warehouse, wanted)
    if story is None:
        return _without_history(request, bench, wanted)
    return _told(request, bench, story)


def _without_history(request: Request, bench: Bench, wanted: str) -> Response:
    """Tell what runs say of a customer of whom no purchase is known, or that there is nobody."""
    scores = _shown_scores(wanted, bench.runs.all())
    near = [] if scores else customers_like(bench.workspace.warehouse, wanted)
    code = 200 if scores else 404
    told = {"wanted": wanted, "story": None, "near": near, "scores": scores}
    return page(request, "customer.html", code=code, **told)


def _told(request: Request, bench: Bench, story: Story) -> Response:
    runs = bench.runs.all()
    offers = offers_to(story.customer, runs)
    names = item_names(
        bench.workspace.warehouse, [item for _, frame in offers for item in frame["item_id"]]
    )
    currency = next((run.currency for run in runs if run.currency), "")
    return page(
        request,
        "customer.html",
        wanted=story.customer,
        near=[],
        story=story,
        currency=currency,
        months=_months(story, currency),
        lines=table(story.lines, currency),
        offers=[(run, table(_named(frame, names), currency)) for run, frame in offers],
        any_list=any(run.list_file is not None for run in runs),
        scores=_shown_scores(story.customer, runs),
    )


def _shown_scores(customer: str, runs: list[Run]) -> list[tuple[Run, str, Table]]:
    return [(run, name, table(frame, run.currency)) for run, name, frame in _scores(customer, runs)]


def _scores(customer: str, runs: list[Run]) -> "list[tuple[Run, str, pd.DataFrame]]":
    """Give what other questions say of the customer: the newest run of each question only."""
    newest = {(run.kind, run.name): run for run in reversed(runs)}
    found = []
    for run in list(newest.values())[:NEWEST]:
        shown = ("list",) if run.kind == "cross-sell" else ()
        for name in run.tables():
            rows = None if name in shown else _rows_of(run, name, customer)
            if rows is not None and len(rows):
                found.append((run, name, rows))
    return found


def _rows_of(run: Run, name: str, customer: str) -> "pd.DataFrame | None":
    import pyarrow.parquet as pq

    path = run.folder / f"{name}.parquet"
    try:
        empty = pq.read_schema(path).empty_table().to_pandas()
        keys = [key for key in personal_columns(empty) if key != "customers"]
        if not keys:
            return None
        found: pd.DataFrame = pq.read_table(path, filters=[(keys[0], "=", customer)]).to_pandas()
        return found.head(5)
    except (OSError, ValueError, Gone, NotImplementedError):
        return None


def _named(frame: "pd.DataFrame", names: dict[str, str]) -> "pd.DataFrame":
    shown = frame.rename(columns={"item_id": "item"})
    return shown.assign(item=[names.get(item, item) for item in shown["item"]])


def _months(story: Story, currency: str) -> Plot | None:
    if len(story.months) < 2:
        return None
    frame = _without_gaps(story.months)
    labels = frame["month"].tolist()
    x, y = frame.index.to_numpy(dtype=float), frame["spend"].to_numpy(dtype=float)
    picture = line_chart(
        "months",
        "Spend by month",
        f"From {labels[0]} to {labels[-1]}; months without an order count as nothing.",
        [Line("spend", x, y, "c1", dots=len(x) <= 36)],
        x_label="month",
        y_label=f"spend ({currency})" if currency else "spend",
        x_text=lambda place: (
            labels[int(place)] if place.is_integer() and 0 <= place < len(labels) else ""
        ),
        y_text=lambda value: compact(value, currency),
    )
    return Plot(picture, "What the customer spent in each month, without returns.", frame)


def _without_gaps(months: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    first, last = months["month"].iloc[[0, -1]]
    every = pd.period_range(first, last, freq="M").astype(str)
    filled = months.set_index("month").reindex(every, fill_value=0)
    return filled.rename_axis("month").reset_index()
