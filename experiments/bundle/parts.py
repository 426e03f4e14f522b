"""The learned state of an estimator as files: safetensors, Parquet, text, and JSON for the rest."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.bundle.plain import read_json, to_plain, write_json
from lodeworks.errors import BundleError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_frame", "read_state", "write_frame", "write_state"]

LONG_TEXT = 1000


def write_state(folder: Path, name: str, state: Mapping[str, Any]) -> None:
    """Write a state as ``NAME.json`` and the files that it points to, which lie in ``NAME/``.

    Parameters
    ----------
    folder : Path
        The bundle.
    name : str
        What the state belongs to.
    state : mapping of str
        Arrays, compressed sparse row matrices, frames, text, numbers, and lists and dictionaries
        of these.

    Raises
    ------
    TypeError
        When a part has no open format; the message says which one.
    """
    writer = _Writer(folder / name)
    tree = {key: writer.put(value, f"{name}.{key}") for key, value in state.items()}
    writer.close()
    write_json(folder / f"{name}.json", tree)


def read_state(folder: Path, name: str) -> dict[str, Any]:
    """Read what `write_state` wrote.

    Raises
    ------
    BundleError
        When a part is of an unknown kind or is not there.
    """
    reader = _Reader(folder / name)
    tree = read_json(folder / f"{name}.json")
    try:
        return {key: reader.get(node) for key, node in tree.items()}
    except Exception as error:  # every format has errors of its own
        raise BundleError(f"{folder / name}: a part cannot be read: {error}") from error


def write_frame(path: Path, frame: "pd.DataFrame") -> None:
    """Write a frame as Parquet; the same frame gives the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pa.Table.from_pandas(frame)
    except pa.ArrowException as error:
        raise TypeError(f"{path.stem}: a column has no Parquet type: {error}") from error
    pq.write_table(table, path, compression="zstd")


def read_frame(path: Path) -> "pd.DataFrame":
    """Read what `write_frame` wrote."""
    import pyarrow.parquet as pq

    # A ParquetFile takes nothing from the names of the folders above, which read_table does.
    with pq.ParquetFile(path) as file:
        return file.read().to_pandas()


class _Writer:
    """Takes parts one by one; arrays are collected and written together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrays: dict[str, np.ndarray] = {}
        self._taken: set[str] = set()

    def put(self, value: Any, at: str) -> dict[str, Any]:
        """Write one part and say in JSON where it is."""
        import pandas as pd
        from scipy import sparse

        if isinstance(value, np.ndarray):
            return self._put_array(value, at)
        if sparse.issparse(value):
            return self._put_matrix(value, at)
        if isinstance(value, pd.DataFrame):
            return self._put_frame(value, at)
        if isinstance(value, str) and (len(value) > LONG_TEXT or "\n" in value):
            return self._put_text(value, at)
        if isinstance(value, Mapping) and _needs_files(value):
            return {"is": "dict", "parts": {k: self.put(v, f"{at}.{k}") for k, v in value.items()}}
        if isinstance(value, list | tuple) and _needs_files(value):
            return {"is": "list", "parts": [self.put(v, f"{at}.{i}") for i, v in enumerate(value)]}
        return {"is": "plain", "value": to_plain(value, at)}

    def close(self) -> None:
        """Write the arrays."""
        from safetensors.numpy import save

        if self._arrays:
            (self._open_folder() / "arrays.safetensors").write_bytes(save(self._arrays))

    def _put_array(self, value: np.ndarray, at: str) -> dict[str, Any]:
        if value.dtype.kind in "OUT":
            texts = value.tolist()
            if value.ndim != 1 or not all(isinstance(text, str) for text in texts):
                raise TypeError(f"{at}: an array of objects must be one row of texts")
            return {"is": "texts", "value": texts}
        if value.dtype.kind == "M":
            numbers = self._keep(value.view(np.int64), at)
            return {"is": "moments", "name": numbers, "unit": str(value.dtype)}
        if value.dtype.kind not in "biuf" or value.dtype.itemsize > 8:
            raise TypeError(f"{at}: an array of {value.dtype} has no open format")
        return {"is": "array", "name": self._keep(value, at)}

    def _put_matrix(self, value: Any, at: str) -> dict[str, Any]:
        if value.format != "csr":
            raise TypeError(f"{at}: a sparse matrix must be in rows (csr), not {value.format}")
        names = {
            part: self._keep(getattr(value, part), f"{at}.{part}")
            for part in ("data", "indices", "indptr")
        }
        return {"is": "csr", "shape": list(value.shape), **names}

    def _put_frame(self, value: "pd.DataFrame", at: str) -> dict[str, Any]:
        file = f"{self._name(at)}.parquet"
        write_frame(self._open_folder() / file, value)
        return {"is": "frame", "file": file}

    def _put_text(self, value: str, at: str) -> dict[str, Any]:
        file = f"{self._name(at)}.txt"
        (self._open_folder() / file).write_bytes(value.encode())
        return {"is": "text", "file": file}

    def _keep(self, value: np.ndarray, at: str) -> str:
        name = self._name(at)
        native = value.dtype.newbyteorder("=")
        self._arrays[name] = np.array(value, dtype=native, order="C")
        return name

    def _name(self, at: str) -> str:
        wanted = re.sub(r"[^A-Za-z0-9_.-]", "_", at.partition(".")[2])
        name, copy = wanted, 1
        while name.lower() in self._taken:
            copy += 1
            name = f"{wanted}-{copy}"
        self._taken.add(name.lower())
        return name

    def _open_folder(self) -> Path:
        self._folder.mkdir(exist_ok=True)
        return self._folder


def _needs_files(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_needs_files(part) for part in value.values())
    if isinstance(value, list | tuple):
        return any(_needs_files(part) for part in value)
    return not (value is None or isinstance(value, bool | int | float | str | np.generic))


class _Reader:
    """Gives parts back by what `_Writer` said of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrays: dict[str, np.ndarray] | None = None

    def get(self, node: dict[str, Any]) -> Any:
        """Read one part."""
        kind = node["is"]
        readers = {
            "plain": lambda: node["value"],
            "dict": lambda: {key: self.get(part) for key, part in node["parts"].items()},
            "list": lambda: [self.get(part) for part in node["parts"]],
            "texts": lambda: np.array(node["value"], dtype=object),
            "moments": lambda: self._array(node["name"]).view(node["unit"]),
            "array": lambda: self._array(node["name"]),
            "csr": lambda: self._matrix(node),
            "frame": lambda: read_frame(self._file(node["file"])),
            "text": lambda: self._file(node["file"]).read_bytes().decode(),
        }
        if kind not in readers:
            raise ValueError(f"unknown kind of part {kind!r}")
        return readers[kind]()

    def _array(self, name: str) -> np.ndarray:
        from safetensors.numpy import load

        if self._arrays is None:
            self._arrays = load((self._folder / "arrays.safetensors").read_bytes())
        return self._arrays[name]

    def _matrix(self, node: dict[str, Any]) -> Any:
        from scipy import sparse

        arrays = tuple(self._array(node[part]) for part in ("data", "indices", "indptr"))
        return sparse.csr_matrix(arrays, shape=tuple(node["shape"]))

    def _file(self, name: str) -> Path:
        if Path(name).name != name:
            raise ValueError(f"{name!r} does not lie in the bundle")
        return self._folder / name
