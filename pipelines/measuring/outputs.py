"""Write a measurement into one folder, whole or not at all."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.effect import EffectRecord
from experiments.effect.page import EffectPage, write_page
from experiments.effect.records import record_frame
from lodeworks.errors import ConfigError
from lodeworks.files import file_digest, new_folder, write_text
from pipelines.manifest import Manifest

__all__ = ["FILES", "check_folder", "plain_values", "write_measurement"]

FILES = {
    "figures": "measure.json",
    "report": "report.html",
    "effects": "effects.parquet",
    "records": "effects.json",
    "manifest": "manifest.json",
}


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something other than an earlier measurement.

    Raises
    ------
    ConfigError
        When it would be lost.
    """
    if folder.is_file():
        raise ConfigError(f"--out {folder} is a file; give the name of a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILES["figures"]).is_file():
        raise ConfigError(
            f"--out {folder} holds something else; give a new folder or an earlier measurement"
        )


def write_measurement(
    folder: Path,
    values: dict[str, Any],
    page: EffectPage,
    records: Sequence[EffectRecord],
    manifest: Manifest,
) -> dict[str, Path]:
    """Write figures, report, records and manifest; an earlier measurement there is replaced.

    Returns
    -------
    dict of str to Path
        Where each file lies.
    """
    with new_folder(folder) as aside:
        write_text(aside / FILES["figures"], _json(values))
        write_page(page, aside / FILES["report"])
        record_frame(records).to_parquet(aside / FILES["effects"], index=False)
        write_text(aside / FILES["records"], _json([record.to_dict() for record in records]))
        written = [name for key, name in FILES.items() if key != "manifest"]
        manifest.add(outputs={name: file_digest(aside / name) for name in written})
        manifest.write(aside / FILES["manifest"])
    return {key: folder / name for key, name in FILES.items()}


def plain_values(value: Any) -> Any:
    """Give values for JSON; a number that is not finite is None."""
    if isinstance(value, dict):
        return {str(key): plain_values(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(below) for below in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _json(values: Any) -> str:
    text = json.dumps(plain_values(values), indent=1, default=str, ensure_ascii=False)
    return f"{text}\n"
