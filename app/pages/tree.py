"""The readable tree: opened and closed branch by branch."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.bench import bench_of, page
from app.readers.runs import Run
from app.readers.trees import branches_of

__all__ = ["router"]

router = APIRouter()


@router.get("/tree")
def tree(request: Request, run: str = "") -> Response:
    """Show the tree of a run; by default the newest that has one."""
    runs = [one for one in bench_of(request).runs.all() if _has_tree(one)]
    chosen = bench_of(request).runs.get(run) if run else next(iter(runs), None)
    frame = None if chosen is None else chosen.table("tree")
    branches = [] if frame is None else branches_of(frame)
    return page(request, "tree.html", runs=runs[:50], run=chosen, branches=branches)


def _has_tree(run: Run) -> bool:
    return (run.folder / "tree.parquet").is_file()
