"""The language of the findings of a workspace."""

import json
from functools import lru_cache
from pathlib import Path

from experiments.findings.language import Language, language_of
from pipelines.workspace import Workspace

__all__ = ["configured_language", "words_of"]


def words_of(workspace: str | Path, stated: str | None = None) -> Language:
    """Give the language to speak of a workspace in.

    Parameters
    ----------
    workspace : str or Path
        Its folder.
    stated : str, optional
        What was asked for. Default: the variable ``LODE_LANGUAGE``, else what the configuration of
        the newest run says, else English.

    Raises
    ------
    ConfigError
        When there are no words in that language.
    """
    return language_of(stated, configured_language(workspace))


def configured_language(workspace: str | Path) -> str | None:
    """Give what the configuration of the newest run says; None where it says nothing."""
    runs = Workspace(Path(workspace)).runs
    names = sorted((path.name for path in runs.glob("[!.]*")), reverse=True)
    for name in names:
        manifest = runs / name / "manifest.json"
        try:
            return _language_in(manifest, manifest.stat().st_mtime_ns)
        except (OSError, ValueError):
            continue  # no run, or one that is being deleted
    return None


@lru_cache(maxsize=64)
def _language_in(manifest: Path, changed: int) -> str | None:
    about = json.loads(manifest.read_text(encoding="utf-8"))
    config = about.get("config") if isinstance(about, dict) else None
    stated = config.get("language") if isinstance(config, dict) else None
    return stated if isinstance(stated, str) else None
