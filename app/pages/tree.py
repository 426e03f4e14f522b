"""The readable tree: opened branch by branch, the path of a record, a split overridden."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.asked import number
from app.bench import bench_of, page
from app.people import Role
from app.readers.runs import Run
from app.readers.trees import branch_of, branches_of, has_tree, kept_tree, leaf_of
from app.security import demand, session_of

if TYPE_CHECKING:
    from pipelines.predicting.tree import KeptTree, TreeNode

__all__ = ["router"]

router = APIRouter()
LONGEST = 200
VALUE = "v."


@dataclass
class _Shown:
    """What a question about a tree brought."""

    path: "list[TreeNode] | None" = None
    effect: list[dict[str, Any]] | None = None
    problem: str = ""


@router.get("/tree")
def tree(request: Request, run: str = "") -> Response:
    """Show the tree of a run; by default the newest that has one."""
    bench = bench_of(request)
    runs = [one for one in bench.runs.all() if has_tree(one)]
    chosen = bench.runs.get(run) if run else next(iter(runs), None)
    kept = None if chosen is None else kept_tree(chosen)
    shown = _Shown() if chosen is None or kept is None else _asked(request, chosen, kept)
    return page(
        request,
        "tree.html",
        code=400 if shown.problem else 200,
        runs=runs[:50],
        run=chosen,
        branches=_branches(chosen, kept),
        kept=kept,
        shown=shown,
        on_path={node.path for node in shown.path or ()},
        may=session_of(request).person.may,
    )


def _branches(run: Run | None, kept: "KeptTree | None") -> list[Any]:
    if kept is not None:
        return [branch_of(kept.root)]
    frame = None if run is None else run.table("tree")
    return [] if frame is None else branches_of(frame)


def _asked(request: Request, run: Run, kept: "KeptTree") -> _Shown:
    """Answer what a form of the page asks; the page says what cannot be asked."""
    asked = {"path": _path, "customer": _customer, "override": _override}.get(
        request.query_params.get("show", "")
    )
    try:
        return _Shown() if asked is None else asked(request, run, kept)
    except ValueError as error:
        return _Shown(problem=str(error))


def _path(request: Request, run: Run, kept: "KeptTree") -> _Shown:
    from pipelines.predicting.tree import record_of

    given = {
        name.removeprefix(VALUE): value[:LONGEST]
        for name, value in request.query_params.items()
        if name.startswith(VALUE)
    }
    return _Shown(path=record_of(kept, given))


def _customer(request: Request, run: Run, kept: "KeptTree") -> _Shown:
    from pipelines.predicting.tree import path_of

    person = demand(request, Role.OWNER)
    wanted = request.query_params.get("customer", "").strip()[:LONGEST]
    bench_of(request).audit.customer(person, "view path in tree", wanted)
    leaf = leaf_of(run, wanted)
    if leaf is None:
        raise ValueError(f"The question was not about a customer {wanted!r}.")
    return _Shown(path=path_of(kept, leaf))


def _override(request: Request, run: Run, kept: "KeptTree") -> _Shown:
    from pipelines.predicting.tree import effect_of

    demand(request, Role.ANALYST)
    query = request.query_params
    text = query.get("threshold", "").strip()[:LONGEST]
    threshold = number(request, "threshold")
    if text and threshold is None:
        raise ValueError(f"The threshold is a number, not {text!r}.")
    frame = effect_of(kept, query.get("place", ""), query.get("column") or None, threshold)
    return _Shown(effect=[{str(key): row[key] for key in row} for row in frame.to_dict("records")])
