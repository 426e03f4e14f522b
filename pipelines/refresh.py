"""The job behind `lode refresh`: learn again as the champion did, and say what changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError
from lodeworks.progress import Progress, Silent

if TYPE_CHECKING:
    from pipelines.findings.differences import Differences
    from pipelines.run import Summary

__all__ = ["RefreshSummary", "refresh"]


@dataclass(frozen=True)
class RefreshSummary:
    """What became of the champion's recipe on today's data.

    Attributes
    ----------
    run : Summary
        What `lode run` would have told.
    before, after : str
        The run that made the champion, and this one.
    differences : Differences or None
        What is known now that was not known then, and the other way round; None where the earlier
        run kept no findings.
    """

    run: "Summary"
    before: str
    after: str
    differences: "Differences | None"

    @property
    def exit_code(self) -> int:
        """0, or 4 when the gate kept the former champion."""
        return self.run.exit_code

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        told = None if self.differences is None else self.differences.to_dict()
        return {**self.run.to_dict(), "refreshed_from": self.before, "knowledge": told}

    def text(self) -> str:
        """Give a page for the terminal."""
        if self.differences is None:
            known = f"the run {self.before or 'of the champion'} kept no findings to compare with"
        else:
            known = f"What changed since {self.before}:\n{self.differences.text()}"
        return f"{self.run.text()}\n\n{known}"


def refresh(
    address: str,
    *,
    workspace: Path = Path(".lode"),
    overrides: Iterable[str] = (),
    language: str | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
    memory: int | None = None,
) -> RefreshSummary:
    """Run the configuration of a registered model again, on the data as they are today.

    The new model becomes champion only through the gate of every run.

    Parameters
    ----------
    address : str
        ``models:/NAME@champion``, or a version.
    workspace : Path
        Where it is registered unless a server is named, and where the run is written.
    overrides : iterable of str
        Changes in the form ``key.path=value``.
    language : str, optional
        Of the findings.
    progress : Progress, optional
        Told about every stage.
    fresh : bool
        Make everything again.
    memory : int, optional
        Bytes that the run may hold; see `pipelines.run.run`.

    Raises
    ------
    BundleError
        When nothing is registered under the address, or its run kept no configuration.
    """
    from experiments.findings.language import language_of
    from experiments.registry import Registry
    from pipelines.config import load
    from pipelines.findings.differences import between_runs
    from pipelines.findings.place import store_of
    from pipelines.run import run

    if not address.startswith("models:"):
        raise ConfigError(f"{address}: give the address of a registered model, models:/NAME@ALIAS")
    before, text = Registry.open(workspace).run_of(address)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(text, encoding="utf-8")
        config = load(path, [f"workspace={workspace.resolve()}", *overrides])
    summary = run(config, progress=progress or Silent(), fresh=fresh, memory=memory)
    after = str(summary.to_dict()["run_id"])
    store = store_of(config.workspace)
    kept = {one.run_id for one in store.runs()}
    told = (
        between_runs(store, before, after, language_of(language, config.language))
        if {before, after} <= kept
        else None
    )
    return RefreshSummary(summary, before, after, told)
