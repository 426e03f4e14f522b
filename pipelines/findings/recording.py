"""Keep what a question hands over as findings of its workspace."""

from collections.abc import Iterable
from pathlib import Path

from experiments.findings import Draft, Recorded, RunFacts
from pipelines.findings.place import store_of

__all__ = ["record"]


def record(
    workspace: str | Path,
    drafts: Iterable[Draft],
    *,
    run_id: str,
    question: str,
    as_of: str = "",
    config_sha256: str = "",
    data_sha256: str = "",
    list_sha256: str = "",
) -> Recorded:
    """Keep what a run found: all of it or nothing.

    Parameters
    ----------
    workspace : str or Path
        Its folder.
    drafts : iterable of Draft
        What was found.
    run_id, question : str
        Of the run; the name of the configuration stands for the question.
    as_of : str
        The last day that the run saw.
    config_sha256, data_sha256, list_sha256 : str
        Digests, so that a finding leads back to what it came from.

    Returns
    -------
    Recorded
        How many were new.
    """
    facts = RunFacts(
        run_id=run_id,
        question=question,
        as_of=as_of,
        config_sha256=config_sha256,
        data_sha256=data_sha256,
        list_sha256=list_sha256,
    )
    return store_of(workspace).record(facts, drafts)
