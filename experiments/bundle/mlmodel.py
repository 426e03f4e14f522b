"""The files that make a bundle an MLflow model: signature, environment and an invented example."""

import importlib.metadata
import json
import platform
from pathlib import Path
from typing import Any

import yaml

import lodeworks
from lodeworks.files import digest, file_digest

__all__ = ["INPUT_COLUMNS", "OUTPUT_COLUMNS", "REQUIREMENTS", "write_mlmodel"]

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


def write_mlmodel(folder: Path, items: list[str], created: str) -> None:
    """Write MLflow's description of the bundle beside its parts.

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
    example = _example(items)
    _write_environment(folder)
    _write_json(folder / "input_example.json", example)
    _write_json(folder / "serving_input_example.json", {"dataframe_split": example})
    model = {
        "flavors": {"python_function": _flavor()},
        "mlflow_version": importlib.metadata.version("mlflow"),
        "model_uuid": digest(_hashes(folder))[:32],
        "saved_input_example_info": {
            "artifact_path": "input_example.json",
            "serving_input_path": "serving_input_example.json",
            "type": "dataframe",
            "pandas_orient": "split",
        },
        "signature": {
            "inputs": _columns(INPUT_COLUMNS),
            "outputs": _columns(OUTPUT_COLUMNS),
            "params": json.dumps(PARAMS),
        },
        "utc_time_created": created,
    }
    _write_yaml(folder / "MLmodel", model)


def _flavor() -> dict[str, Any]:
    return {
        "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
        "loader_module": LOADER,
        "python_version": platform.python_version(),
    }


def _columns(columns: dict[str, str]) -> str:
    return json.dumps(
        [{"type": kind, "name": name, "required": True} for name, kind in columns.items()]
    )


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}


def _example(items: list[str]) -> dict[str, Any]:
    known = items or ["item"]
    rows = [
        [customer, known[place % len(known)], order, moment, quantity, amount]
        for place, (customer, order, moment, quantity, amount) in enumerate(EXAMPLE_LINES)
    ]
    return {"columns": list(INPUT_COLUMNS), "data": rows}


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
