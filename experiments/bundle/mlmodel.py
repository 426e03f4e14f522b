"""The files that make a bundle an MLflow model: signature, environment and an invented example."""

import importlib.metadata
import json
import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import lodeworks
from lodeworks.files import digest, file_digest

__all__ = [
    "EXAMPLE_LINES",
    "INPUT_COLUMNS",
    "OUTPUT_COLUMNS",
    "REQUIREMENTS",
    "Served",
    "describe",
    "write_mlmodel",
]

LOADER = "experiments.scoring_model"

INPUT_COLUMNS = {
    "customer_id": "string",
    "item_id": "string",
    "order_id": "string",
    "ordered_at": "datetime",
    "quantity": "double",
    "amount": "double",
}

OUTPUT_COLUMNS = {
    "customer_id": "string",
    "rank": "long",
    "item_id": "string",
    "score": "double",
    "probability": "double",
    "reason": "string",
    "evidence_id": "string",
}

PARAMS = (
    {"name": "as_of", "type": "string", "default": "", "shape": None},
    {"name": "rows", "type": "long", "default": 10, "shape": None},
    {"name": "exclude_owned", "type": "boolean", "default": True, "shape": None},
)

REQUIREMENTS = (
    "lightgbm",
    "mlflow",
    "numpy",
    "pandas",
    "pyarrow",
    "safetensors",
    "scikit-learn",
    "scipy",
)

# Invented customers: nobody's purchases leave the house with a model.
EXAMPLE_LINES = (
    ("customer-1", "order-1", "2001-01-05T10:00:00", 1.0, 4.0),
    ("customer-1", "order-2", "2001-02-09T11:30:00", 2.0, 7.5),
    ("customer-2", "order-3", "2001-02-20T16:45:00", 1.0, 2.0),
)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What MLflow is told of a model.

    Attributes
    ----------
    loader : str
        Module whose ``_load_pyfunc`` reads the folder.
    inputs, outputs : mapping of str to str
        Columns and MLflow's name of their types.
    optional : collection of str
        Outputs that are not always there.
    params : sequence of mapping
        What `predict` takes besides.
    rows : sequence of list
        An invented example, in the order of `inputs`.
    """

    loader: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    rows: Sequence[list[Any]]
    optional: Collection[str] = ()
    params: Sequence[Mapping[str, Any]] = ()


def write_mlmodel(folder: Path, items: list[str], created: str) -> None:
    """Write MLflow's description of a recommender's bundle beside its parts.

    Parameters
    ----------
    folder : Path
        The bundle, whose other files are complete.
    items : list of str
        Known items; the example borrows a few.
    created : str
        The moment to be given as that of creation; not the clock's, so that equal bundles have
        equal bytes.
    """
    served = Served(
        loader=LOADER,
        inputs=INPUT_COLUMNS,
        outputs=OUTPUT_COLUMNS,
        params=PARAMS,
        rows=_example(items),
    )
    describe(folder, served, created)


def describe(folder: Path, served: Served, created: str) -> None:
    """Write MLflow's description of any bundle beside its parts.

    Parameters
    ----------
    folder : Path
        The bundle, whose other files are complete.
    served : Served
        What is to be told.
    created : str
        As in `write_mlmodel`.
    """
    example = {"columns": list(served.inputs), "data": [list(row) for row in served.rows]}
    _write_environment(folder)
    _write_json(folder / "input_example.json", example)
    _write_json(folder / "serving_input_example.json", {"dataframe_split": example})
    model = {
        "flavors": {"python_function": _flavor(served.loader)},
        "mlflow_version": importlib.metadata.version("mlflow"),
        "model_uuid": digest(_hashes(folder))[:32],
        "saved_input_example_info": {
            "artifact_path": "input_example.json",
            "serving_input_path": "serving_input_example.json",
            "type": "dataframe",
            "pandas_orient": "split",
        },
        "signature": {
            "inputs": _columns(served.inputs),
            "outputs": _columns(served.outputs, served.optional),
            "params": json.dumps(list(served.params)),
        },
        "utc_time_created": created,
    }
    _write_yaml(folder / "MLmodel", model)


def _flavor(loader: str) -> dict[str, Any]:
    return {
        "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
        "loader_module": loader,
        "python_version": platform.python_version(),
    }


def _columns(columns: Mapping[str, str], optional: Collection[str] = ()) -> str:
    return json.dumps(
        [
            {"type": kind, "name": name, "required": name not in optional}
            for name, kind in columns.items()
        ]
    )


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}


def _example(items: list[str]) -> list[list[Any]]:
    known = items or ["item"]
    return [
        [customer, known[place % len(known)], order, moment, quantity, amount]
        for place, (customer, order, moment, quantity, amount) in enumerate(EXAMPLE_LINES)
    ]


def _write_environment(folder: Path) -> None:
    python, pip = platform.python_version(), importlib.metadata.version
    pins = [f"lodeworks=={lodeworks.__version__}", *(f"{n}=={pip(n)}" for n in REQUIREMENTS)]
    (folder / "requirements.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")
    _write_yaml(
        folder / "python_env.yaml",
        {
            "python": python,
            "build_dependencies": ["pip"],
            "dependencies": ["-r requirements.txt"],
        },
    )
    _write_yaml(
        folder / "conda.yaml",
        {
            "name": "lodeworks",
            "channels": ["conda-forge"],
            "dependencies": [f"python={python}", "pip", {"pip": pins}],
        },
    )


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def _write_yaml(path: Path, value: Any) -> None:
    path.write_text(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), encoding="utf-8")
