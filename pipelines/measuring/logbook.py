"""Write a measurement under the run that made the list, where its tracking store is at hand."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lodeworks.errors import LodeError
from pipelines.measuring.given_list import GivenList

__all__ = ["log_measurement"]


def log_measurement(
    given: GivenList, workspace: Path | None, figures: Mapping[str, float], folder: Path
) -> str | None:
    """Log figures and files as a child of the list's run.

    Parameters
    ----------
    given : GivenList
        The list; its manifest names the run.
    workspace : Path, optional
        Where the tracking database lies; default: the workspace of the run.
    figures : mapping of str to float
        Metrics.
    folder : Path
        Its files become artifacts.

    Returns
    -------
    str or None
        A note when nothing was logged, and why; None otherwise. A list without a manifest has
        been told of before.
    """
    run_id = given.manifest.get("mlflow_run_id")
    if not run_id:
        return _no_run(given)
    config = given.manifest.get("config", {})
    root = workspace or Path(config.get("workspace", ".lode"))
    uri = config.get("tracking", {}).get("uri")
    stated = os.environ.get("MLFLOW_TRACKING_URI") or (uri if uri and "${" not in uri else None)
    if not stated and not (root / "mlflow.db").is_file():
        return f"not logged: no tracking store in {root}; give --workspace"
    return _log(str(run_id), root, stated, figures, folder)


def _no_run(given: GivenList) -> str | None:
    if given.manifest.get("command") != "score":
        return None
    return (
        "not logged: a list of `lode score` belongs to no tracked run; the figures stand in the"
        " files alone"
    )


def _log(
    run_id: str, root: Path, uri: str | None, figures: Mapping[str, Any], folder: Path
) -> str | None:
    from mlflow.exceptions import MlflowException

    from experiments.tracking import Run, Tracker, connect

    try:
        client = connect(root, uri)
        parent = client.get_run(run_id)
        tracker = Tracker(client, parent.info.experiment_id, ())
        with Run(tracker, run_id, run_id).child("measure", {"lode.kind": "measure"}) as child:
            child.metrics(figures)
            for file in sorted(folder.iterdir()):
                child.file(file)
    except (LodeError, MlflowException) as error:
        return f"not logged: {str(error).splitlines()[0]}"
    return None
