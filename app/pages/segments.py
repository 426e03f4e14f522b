"""Segments: cards, two of them compared, the map, and who moved between dates."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.bench import bench_of, page
from app.readers.segments import Card, SegmentView, segments_of
from experiments.report.plots import Plot
from experiments.report.scatter import Dot, scatter_chart
from experiments.report.tables import of_counts, table

__all__ = ["router"]

router = APIRouter()
STYLES = 8


@router.get("/segments")
def segments(request: Request, run: str = "") -> Response:
    """Show the segments of a run; by default the newest that has some."""
    bench = bench_of(request)
    views = [view for one in bench.runs.all()[:100] if (view := segments_of(one)) is not None]
    chosen = segments_of(bench.runs.get(run)) if run else next(iter(views), None)
    return page(
        request,
        "segments.html",
        views=views,
        view=chosen,
        pair=_pair(request, chosen),
        picture=None if chosen is None else _map(chosen),
        moves=None if chosen is None or chosen.moves is None else _moves(chosen),
    )


def _pair(request: Request, view: SegmentView | None) -> list[Card]:
    wanted = request.query_params.getlist("segment")
    found = [card for card in (view.cards if view else []) if card.name in wanted]
    return found[:2] if len(found) > 1 else []


def _map(view: SegmentView) -> Plot | None:
    frame = view.map
    if frame is None or not len(frame):
        return None
    called = {card.name: card.title for card in view.cards}
    frame = frame.assign(segment=[called.get(name, name) for name in frame["segment"].astype(str)])
    names = sorted(frame["segment"].unique())
    style = {name: f"c{place % STYLES + 1}" for place, name in enumerate(names)}
    dots = [
        Dot(float(x), float(y), str(segment), style[str(segment)])
        for x, y, segment in frame[["x", "y", "segment"]].to_numpy()
    ]
    picture = scatter_chart(
        "map",
        "Map of the segments",
        "A dot is a customer; those near each other are alike.",
        dots,
        x_label="first direction",
        y_label="second direction",
    )
    caption = "Customers who are alike lie near each other. The directions have no unit."
    sizes = frame.groupby("segment").agg(dots=("x", "size"), x=("x", "mean"), y=("y", "mean"))
    return Plot(picture, caption, sizes.reset_index(), tuple((name, style[name]) for name in names))


def _moves(view: SegmentView) -> object:
    assert view.moves is not None
    frame = view.moves.rename_axis("from / to").reset_index()
    return table(of_counts(frame), view.run.currency)
