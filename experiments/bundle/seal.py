"""The seal of a bundle: the hash of every file, checked before anything in the folder is read."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import lodeworks
from lodeworks.errors import BundleError
from lodeworks.files import file_digest, write_text

__all__ = ["SEAL", "check_seal", "seal"]

SEAL = "bundle.json"
FORMAT = "lodeworks-bundle"
VERSION = 1

# MLflow drops this note into a registered model when it is fetched; nothing here ever reads it.
TOLERATED = frozenset({"registered_model_meta"})


def seal(folder: Path) -> None:
    """Write down the hash and the size of every file in `folder`, as the last step of writing."""
    files = {name: _fingerprint(folder / name) for name in _names(folder)}
    content = {
        "format": FORMAT,
        "format_version": VERSION,
        "written_by": f"lodeworks {lodeworks.__version__}",
        "files": files,
    }
    write_text(folder / SEAL, json.dumps(content, indent=1, sort_keys=True) + "\n")


def check_seal(folder: str | Path, needed: Iterable[str] = ()) -> frozenset[str]:
    """Compare a bundle with its seal.

    Parameters
    ----------
    folder : str or Path
        A bundle.
    needed : iterable of str
        Files without which it is of no use.

    Returns
    -------
    frozenset of str
        The names of its files, relative to `folder`.

    Raises
    ------
    BundleError
        When the folder is no bundle, is of a newer format, or when a file was changed, added,
        removed or is a link, or one that is needed was never there. All differences are named.
    """
    folder = Path(folder)
    expected = _read_seal(folder)
    links = _links(folder)
    found = {name for name in _names(folder) if name not in TOLERATED and name not in links}
    problems = [
        *(f"{name}: is a link" for name in links),
        *(f"{name}: is missing" for name in sorted(set(expected) - found - set(links))),
        *(f"{name}: does not belong to the bundle" for name in sorted(found - set(expected))),
        *(
            f"{name}: was changed"
            for name in sorted(found & set(expected))
            if _fingerprint(folder / name) != expected[name]
        ),
    ]
    if problems:
        raise BundleError(f"{folder}: the bundle is not as it was written", problems)
    absent = [name for name in needed if name not in found]
    if absent:
        raise BundleError(f"{folder}: the bundle lacks {', '.join(absent)}")
    return frozenset(found)


def _read_seal(folder: Path) -> dict[str, Any]:
    path = folder / SEAL
    if not folder.is_dir():
        raise BundleError(f"{folder}: there is no such folder")
    if not path.is_file() or path.is_symlink():
        raise BundleError(f"{folder}: not a bundle, it holds no {SEAL}")
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise BundleError(f"{path}: cannot be read: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BundleError(f"{path}: not the seal of a {FORMAT}")
    version = content.get("format_version")
    if version != VERSION:
        raise BundleError(
            f"{folder}: the bundle has format {version!r}, this version of Lodeworks "
            f"({lodeworks.__version__}) reads format {VERSION}; written by "
            f"{content.get('written_by', 'an unknown version')}"
        )
    files = content.get("files")
    if not isinstance(files, dict):
        raise BundleError(f"{path}: lists no files")
    return files


def _fingerprint(path: Path) -> dict[str, Any]:
    return {"sha256": file_digest(path), "size": path.stat().st_size}


def _names(folder: Path) -> list[str]:
    """Name everything in the folder that is not a folder, the seal apart."""
    return [name for name in _walk(folder) if name != SEAL and not _is_folder(folder / name)]


def _links(folder: Path) -> list[str]:
    return [name for name in _walk(folder) if (folder / name).is_symlink()]


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _walk(folder: Path) -> list[str]:
    names = [
        Path(root, name).relative_to(folder).as_posix()
        for root, folders, files in os.walk(folder)
        for name in (*folders, *files)
    ]
    return sorted(names)
