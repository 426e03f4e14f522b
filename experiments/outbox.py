"""What a run tells a tracking server, kept on disk until the server has it."""

import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError
from lodeworks.files import write_text

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["LOCAL", "Outbox", "pending", "send", "without_password"]

LOCAL = "local-"
"""How the name of a run begins that the server does not know yet."""

HANDLE = "lode.handle"
_ORDERS, _SENT = "orders.jsonl", "sent.json"
_FINAL = ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST", "PERMISSION_DENIED")


class Outbox:
    """Stands for a client of MLflow; writes every order down before it is sent.

    From the first order that the server does not take, nothing more is sent: what follows could
    arrive in the wrong order. `send` does it later. A server that refuses an order as wrong, rather
    than failing, is no server that is away: its error is raised.

    Parameters
    ----------
    client : MlflowClient
        Of the server.
    folder : Path
        Where the orders are kept, a new folder for each run.
    """

    def __init__(self, client: "MlflowClient", folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._known: dict[str, str] = {}
        self._written = 0
        self._sent = 0
        self.away = ""
        (folder / "files").mkdir(parents=True, exist_ok=True)
        write_text(
            folder / "server.json", json.dumps({"uri": without_password(client.tracking_uri)})
        )

    def experiment(self, name: str) -> str:
        """Give the identifier of an experiment, made when it is new."""
        return self._order("experiment", name=name)

    def create_run(self, experiment_id: str, *, run_name: str, tags: dict[str, str]) -> str:
        """Begin a run; give its name, which begins with `LOCAL` while the server does not know."""
        handle = f"{LOCAL}{uuid.uuid4().hex}"
        return self._order(
            "run",
            experiment=experiment_id,
            name=run_name,
            tags={**tags, HANDLE: handle},
            at=_now(),
            handle=handle,
        )

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Any] = (),
        params: Sequence[Any] = (),
        tags: Sequence[Any] = (),
    ) -> None:
        """Log metrics, parameters and tags, as entities of MLflow."""
        self._order(
            "batch",
            run=run_id,
            metrics=[[one.key, one.value, one.timestamp, one.step] for one in metrics],
            params=[[one.key, one.value] for one in params],
            tags=[[one.key, one.value] for one in tags],
        )

    def log_artifact(self, run_id: str, local_path: str, artifact_path: str | None = None) -> None:
        """Keep a file with a run."""
        number = f"{self._written:06d}"
        kept = self._folder / "files" / number / Path(local_path).name
        kept.parent.mkdir()
        shutil.copyfile(local_path, kept)
        self._order("file", run=run_id, file=f"{number}/{kept.name}", folder=artifact_path)

    def log_inputs(self, run_id: str, datasets: Sequence[Any]) -> None:
        """Record what data a run used."""
        told = [
            {
                "dataset": {k: v for k, v in dict(one.dataset).items() if v is not None},
                "tags": [[tag.key, tag.value] for tag in one.tags],
            }
            for one in datasets
        ]
        self._order("inputs", run=run_id, datasets=told)

    def set_terminated(self, run_id: str, status: str) -> None:
        """End a run."""
        self._order("end", run=run_id, status=status, at=_now())

    def close(self) -> bool:
        """Clear the orders away when all were sent; give whether they were."""
        done = not self.away and self._sent == self._written
        if done:
            shutil.rmtree(self._folder, ignore_errors=True)
        return done

    def _order(self, kind: str, **told: Any) -> str:
        """Write an order down and send it; give what the server calls the thing."""
        order = {"kind": kind, **told}
        with (self._folder / _ORDERS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(order, ensure_ascii=False) + "\n")
        self._written += 1
        answer = "" if self.away else self._try(order)
        return answer or str(told.get("handle", f"{LOCAL}{kind}"))

    def _try(self, order: dict[str, Any]) -> str:
        try:
            answer = _carry_out(self._client, order, self._folder, self._known)
        except Exception as error:
            if getattr(error, "error_code", "") in _FINAL:
                self._sent = self._written  # asked again, it would be refused again
                _note(self._folder, self._sent, self._known)
                raise
            self.away = f"{type(error).__name__}: {error}".splitlines()[0]
            return ""
        self._sent += 1
        _note(self._folder, self._sent, self._known)
        return answer


def pending(workspace: Path) -> list[Path]:
    """Give the outboxes of a workspace that a server has not taken whole, the oldest first."""
    return sorted(path.parent for path in (workspace / "outbox").glob(f"*/{_ORDERS}"))


def send(folder: Path, connect: Callable[[str], "MlflowClient"]) -> int:
    """Send what an outbox holds, from where it stopped, and clear it away.

    Parameters
    ----------
    folder : Path
        One of `pending`.
    connect : callable
        Gives a client for the address of a server.

    Returns
    -------
    int
        How many orders were sent.

    Raises
    ------
    ConfigError
        When the address needs a password, which is not kept, and ``MLFLOW_TRACKING_URI`` does not
        give it.
    Exception
        What the client raises; what was sent until then is not sent again.
    """
    kept = json.loads((folder / "server.json").read_text(encoding="utf-8"))["uri"]
    client = connect(_whole_address(kept))
    done, known = _noted(folder)
    sent = 0
    for number, order in enumerate(_orders(folder)):
        if number >= done:
            _carry_out(client, order, folder, known)
            sent += 1
            _note(folder, number + 1, known)
    shutil.rmtree(folder)
    return sent


def without_password(uri: str) -> str:
    """Give what may be shown and kept of a server's address.

    Examples
    --------
    >>> without_password("https://ann:hush@tracking.example/x")
    'https://ann:***@tracking.example/x'
    """
    return re.sub(r"(://[^/:@]*):[^@/]*@", r"\1:***@", uri)


def _whole_address(kept: str) -> str:
    stated = os.environ.get("MLFLOW_TRACKING_URI", "")
    if ":***@" not in kept:
        return kept
    if without_password(stated) != kept:
        raise ConfigError(
            f"the password of the tracking server {kept} is not kept: give the whole address in"
            " MLFLOW_TRACKING_URI"
        )
    return stated


def _orders(folder: Path) -> Iterator[dict[str, Any]]:
    """Read the orders; the last line of a run that was killed may be torn."""
    for line in (folder / _ORDERS).read_text(encoding="utf-8").splitlines():
        with suppress(ValueError):
            yield json.loads(line)


def _note(folder: Path, done: int, known: dict[str, str]) -> None:
    write_text(folder / _SENT, json.dumps({"sent": done, "known": known}))


def _noted(folder: Path) -> tuple[int, dict[str, str]]:
    try:
        told = json.loads((folder / _SENT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0, {}
    return int(told["sent"]), dict(told["known"])


def _carry_out(
    client: "MlflowClient", order: dict[str, Any], folder: Path, known: dict[str, str]
) -> str:
    """Do what an order says; `known` leads from local names to those of the server."""
    kind = order["kind"]
    if kind == "experiment":
        known[f"{LOCAL}experiment"] = _experiment(client, order["name"])
        return known[f"{LOCAL}experiment"]
    if kind == "run":
        known[order["handle"]] = _begin(client, order, known)
        return known[order["handle"]]
    run = known.get(order["run"], order["run"])
    _SENDERS[kind](client, run, order, folder, known)
    return run


def _experiment(client: "MlflowClient", name: str) -> str:
    found = client.get_experiment_by_name(name)
    return found.experiment_id if found is not None else str(client.create_experiment(name))


def _begin(client: "MlflowClient", order: dict[str, Any], known: dict[str, str]) -> str:
    """Begin a run, unless the server has it already and only its answer was lost."""
    experiment = known.get(order["experiment"], order["experiment"])
    tags = {name: known.get(value, value) for name, value in order["tags"].items()}
    tags[HANDLE] = order["handle"]
    begun = client.search_runs([experiment], f"tags.`{HANDLE}` = '{order['handle']}'")
    if begun:
        return str(begun[0].info.run_id)
    made = client.create_run(experiment, order["at"], tags, run_name=order["name"])
    return str(made.info.run_id)


def _send_batch(
    client: "MlflowClient", run: str, order: dict[str, Any], folder: Path, known: dict[str, str]
) -> None:
    from mlflow.entities import Metric, Param, RunTag

    client.log_batch(
        run,
        metrics=[Metric(*one) for one in order["metrics"]],
        params=[Param(*one) for one in order["params"]],
        tags=[RunTag(name, known.get(value, value)) for name, value in order["tags"]],
    )


def _send_file(
    client: "MlflowClient", run: str, order: dict[str, Any], folder: Path, known: dict[str, str]
) -> None:
    client.log_artifact(run, str(folder / "files" / order["file"]), order["folder"])


def _send_inputs(
    client: "MlflowClient", run: str, order: dict[str, Any], folder: Path, known: dict[str, str]
) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    client.log_inputs(
        run,
        [
            DatasetInput(Dataset(**one["dataset"]), [InputTag(*tag) for tag in one["tags"]])
            for one in order["datasets"]
        ],
    )


def _send_end(
    client: "MlflowClient", run: str, order: dict[str, Any], folder: Path, known: dict[str, str]
) -> None:
    client.set_terminated(run, order["status"], order["at"])


_SENDERS: dict[str, Callable[..., None]] = {
    "batch": _send_batch,
    "file": _send_file,
    "inputs": _send_inputs,
    "end": _send_end,
}


def _now() -> int:
    return int(time.time() * 1000)
