"""Write down what a run did in MLflow, the only place besides the registry that talks to it."""

import hashlib
import html
import json
import logging
import math
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, unquote

from experiments.outbox import Outbox, without_password
from lodeworks.errors import ConfigError
from lodeworks.spreadsheet import neutral

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

__all__ = ["Run", "Tracker", "client_of", "connect", "tracking_uri"]

# Older servers take no more than this of a parameter or of a tag; the whole belongs in an artifact.
LONGEST_PARAM = 500
LONGEST_TAG = 5000
LONGEST_KEY = 250
LONGEST_DIGEST = 36
BATCH = 100
MASK = "***"
# Nothing is sent to MLflow's makers, and standard output belongs to the command.
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # A server that is away holds a run up for seconds, not for the minutes of MLflow's defaults.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
DATABASES = ("sqlite:", "postgresql", "mysql", "mssql")
# A shorter text is no secret, and masking it would make every other word unreadable.
SHORTEST_SECRET = 4


def tracking_uri(workspace: Path, uri: str | None = None) -> str:
    """Choose the tracking store: the environment, else the configuration, else the workspace.

    Parameters
    ----------
    workspace : Path
        Folder that holds ``mlflow.db`` when nothing else is said.
    uri : str, optional
        What the configuration says; ``MLFLOW_TRACKING_URI`` comes first.
    """
    chosen = os.environ.get("MLFLOW_TRACKING_URI") or uri
    if chosen:
        return chosen
    database = str(Path(workspace).resolve() / "mlflow.db")
    # The two signs that would end the path in such an address or change it.
    return "sqlite:///" + database.replace("%", "%25").replace("?", "%3F")


def connect(workspace: Path, uri: str | None = None) -> "MlflowClient":
    """Open the tracking store; a new database is made ready, which takes seconds once.

    Raises
    ------
    ConfigError
        When the store cannot be opened; a password in its address is masked.
    """
    chosen = tracking_uri(workspace, uri)
    try:
        with _folder_of_database(chosen):
            _ask_once(chosen)
            client = client_of(chosen)
            client.search_experiments(max_results=1)
    except Exception as error:
        shown = without_password(chosen)
        raise ConfigError(
            f"tracking.uri: cannot open {shown}: {_first_line(error, chosen, shown)}"
        ) from error
    _hush()
    return client


def client_of(uri: str) -> "MlflowClient":
    """Give a client for an address, without asking whether anybody is there."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    _hush()
    import mlflow

    _hush()
    return mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)


class Tracker:
    """An experiment in a tracking store.

    What is told to a server goes through an `Outbox`: when the server is away, the run goes on and
    nothing is lost.

    Examples
    --------
    ::

        tracker = Tracker.open(Path(".lode"), experiment="demo")
        with tracker.run("nightly") as run:
            run.params({"window": {"observe": 730}})
            with run.child("popularity") as candidate:
                candidate.metrics({"recall@10": 0.1})
    """

    def __init__(
        self,
        client: "MlflowClient",
        experiment_id: str,
        secrets: Sequence[str],
        outbox: Outbox | None = None,
    ) -> None:
        self.client = client
        self.experiment_id = experiment_id
        self._mask = _Mask(secrets)
        self._outbox = outbox
        self._post: Any = outbox or client

    @classmethod
    def open(
        cls,
        workspace: str | Path,
        uri: str | None = None,
        experiment: str = "lodeworks",
        *,
        secrets: Sequence[str] = (),
    ) -> Self:
        """Open an experiment, and make it when it is new.

        Parameters
        ----------
        workspace : str or Path
            Artifacts lie in its ``artifacts`` folder unless a server keeps them.
        uri : str, optional
            The configured tracking store; see `tracking_uri`.
        experiment : str
            Name of the experiment.
        secrets : sequence of str
            Values that are masked wherever text is logged; those under four letters are not.
        """
        workspace = Path(workspace).resolve()
        address = tracking_uri(workspace, uri)
        if address.startswith(("http://", "https://")):
            client = client_of(address)
            outbox = Outbox(client, workspace / "outbox" / f"{time.time_ns()}-{os.getpid()}")
            return cls(client, outbox.experiment(experiment), secrets, outbox)
        client = connect(workspace, uri)
        return cls(client, _experiment(client, experiment, workspace / "artifacts"), secrets)

    @contextmanager
    def run(self, name: str, tags: Mapping[str, str] | None = None) -> "Iterator[Run]":
        """Track one run; an error marks it failed, an interrupt marks it killed."""
        try:
            with _tracked(self, name, dict(tags or {})) as run:
                yield run
        finally:
            if self._outbox is not None:
                self._outbox.close()

    @property
    def away(self) -> bool:
        """Whether the server failed, so that the rest is kept until it is back."""
        return self._outbox is not None and bool(self._outbox.away)

    def notes(self) -> list[str]:
        """Say where the run is kept when the server is away."""
        if self._outbox is None or not self.away:
            return []
        shown = without_password(self.client.tracking_uri)
        reason = self._outbox.away.replace(self.client.tracking_uri, shown)
        return [
            f"the tracking server {shown} is away ({reason}): the run is kept in the workspace"
            " until `lode sync` sends it"
        ]


class Run:
    """One run, to which values and files are added."""

    def __init__(self, tracker: Tracker, run_id: str, root_id: str) -> None:
        self.id = run_id
        self.tracker = tracker
        self._root_id = root_id
        self._client = tracker._post
        self._mask = tracker._mask

    @contextmanager
    def child(self, name: str, tags: Mapping[str, str] | None = None) -> "Iterator[Run]":
        """Track a part of this run under it."""
        parents = {"mlflow.parentRunId": self.id, "mlflow.rootRunId": self._root_id}
        with _tracked(self.tracker, name, {**(tags or {}), **parents}, self._root_id) as run:
            yield run

    def tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags; long values are cut."""
        from mlflow.entities import RunTag

        entries = [RunTag(_key(k), self._mask.text(str(v))[:LONGEST_TAG]) for k, v in tags.items()]
        for part in _batches(entries):
            self._client.log_batch(self.id, tags=part)

    def params(self, params: Mapping[str, Any]) -> None:
        """Log parameters; nested ones get dotted names, long values are cut."""
        from mlflow.entities import Param

        entries = [
            Param(_key(name), _cut(self._mask.text(_shown(value)), LONGEST_PARAM))
            for name, value in _flat(params)
        ]
        for part in _batches(entries):
            self._client.log_batch(self.id, params=part)

    def metrics(self, metrics: Mapping[str, float | None], step: int = 0) -> None:
        """Log finite numbers and leave out the others; ``recall@10`` becomes ``recall_at_10``."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        entries = [
            Metric(_key(name), float(value), now, step)
            for name, value in metrics.items()
            if value is not None and math.isfinite(value)
        ]
        for part in _batches(entries):
            self._client.log_batch(self.id, metrics=part)

    def text(self, text: str, name: str) -> None:
        """Keep a text as the artifact `name`."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / Path(name).name
            file.write_text(self._mask.text(text), encoding="utf-8", newline="")
            self._client.log_artifact(self.id, str(file), _folder_of(name))

    def json(self, value: Any, name: str) -> None:
        """Keep a value of plain parts as JSON in the artifact `name`."""
        self.text(json.dumps(value, indent=1, default=str, ensure_ascii=False) + "\n", name)

    def table(self, frame: "pd.DataFrame", name: str) -> None:
        """Keep a frame as CSV in the artifact ``tables/NAME.csv``."""
        self.text(neutral(frame).to_csv(index=False), f"tables/{name}.csv")

    def file(self, path: str | Path, name: str | None = None) -> None:
        """Keep a file as the artifact `name`, by default its own name; text is masked."""
        path = Path(path)
        name = name or path.name
        masked = self._mask.file(path)
        if masked is None and Path(name).name == path.name:
            self._client.log_artifact(self.id, str(path), _folder_of(name))
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / Path(name).name
            copy.write_bytes(path.read_bytes() if masked is None else masked)
            self._client.log_artifact(self.id, str(copy), _folder_of(name))

    def dataset(
        self, name: str, data: "pd.DataFrame | str", *, source: str = "", context: str = "training"
    ) -> None:
        """Record what data a run used, without the data.

        Parameters
        ----------
        name : str
            Name of the data set.
        data : pandas.DataFrame or str
            A frame, whose content is hashed, or a digest that is known already (its first 36
            letters are kept).
        source : str
            Where it came from.
        context : str
            What it was used for, such as ``training`` or ``evaluation``.
        """
        from mlflow.entities import Dataset, DatasetInput, InputTag

        if isinstance(data, str):
            digest, profile = data, None
        else:
            digest, profile = _frame_digest(data), json.dumps({"num_rows": len(data)})
        described = Dataset(
            name=name,
            digest=digest[:LONGEST_DIGEST],
            source_type="local",
            source=json.dumps({"uri": self._mask.text(source)}),
            profile=profile,
        )
        used = DatasetInput(described, [InputTag("mlflow.data.context", context)])
        self._client.log_inputs(self.id, [used])


class _Mask:
    """Replaces secrets in what is logged."""

    def __init__(self, secrets: Sequence[str]) -> None:
        long_enough = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        spelt = {spelling for secret in long_enough for spelling in _spellings(secret)}
        self._secrets = sorted(spelt, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Give the text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def file(self, path: Path) -> bytes | None:
        """Give the masked content of a text file, or None when nothing had to be masked."""
        if not self._secrets:
            return None
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            return None
        masked = self.text(text)
        return None if masked == text else masked.encode()


def _spellings(secret: str) -> set[str]:
    """Spell a secret as it is, and as JSON, CSV, HTML and an address would write it."""
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        secret.replace('"', '""'),
        html.escape(secret),
        quote(secret, safe=""),
    }


@contextmanager
def _tracked(
    tracker: Tracker, name: str, tags: dict[str, str], root_id: str | None = None
) -> Iterator[Run]:
    masked = {_key(key): tracker._mask.text(str(value)) for key, value in tags.items()}
    begun = tracker._post.create_run(
        tracker.experiment_id,
        run_name=tracker._mask.text(name),
        tags={"mlflow.source.name": "lode", "mlflow.source.type": "LOCAL", **masked},
    )
    run_id = begun if isinstance(begun, str) else begun.info.run_id
    run = Run(tracker, run_id, root_id or run_id)
    try:
        yield run
    except BaseException as error:
        _end_badly(run, error)
        raise
    tracker._post.set_terminated(run.id, "FINISHED")


def _end_badly(run: Run, error: BaseException) -> None:
    """Say how the run ended; the store being away must not hide the error itself."""
    status = "FAILED" if isinstance(error, Exception) else "KILLED"
    with suppress(Exception):
        run.tags({"lode.error": f"{type(error).__name__}: {error}"})
    with suppress(Exception):
        run.tracker._post.set_terminated(run.id, status)


def _ask_once(uri: str) -> None:
    """See that a database answers: MLflow asks ten times, over 100 s, before it says so."""
    if not uri.startswith(DATABASES):
        return
    from sqlalchemy import create_engine

    engine = create_engine(uri)
    try:
        with engine.connect():
            pass
    finally:
        engine.dispose()


@contextmanager
def _folder_of_database(uri: str) -> Iterator[None]:
    """Make the folder of a database file, and take away the misspelt one that MLflow makes."""
    if not uri.startswith("sqlite:///"):
        yield
        return
    spelt = Path(uri.removeprefix("sqlite:///")).parent
    meant = Path(unquote(str(spelt)))
    meant.mkdir(parents=True, exist_ok=True)
    is_new = not spelt.exists()
    yield
    if is_new:
        with suppress(OSError):
            spelt.rmdir()


def _experiment(client: "MlflowClient", name: str, artifacts: Path) -> str:
    from mlflow.exceptions import MlflowException

    known = client.get_experiment_by_name(name)
    if known is not None and known.lifecycle_stage == "deleted":
        client.restore_experiment(known.experiment_id)
    if known is not None:
        return known.experiment_id
    kept_by_server = client.tracking_uri.startswith(("http:", "https:", "databricks"))
    try:
        return client.create_experiment(name, None if kept_by_server else artifacts.as_uri())
    except MlflowException as error:
        return _made_by_another(client, name, error)


def _made_by_another(client: "MlflowClient", name: str, error: Exception) -> str:
    """Two runs may begin at once: then one of them finds the experiment made."""
    known = client.get_experiment_by_name(name)
    if known is None:
        raise ConfigError(f"tracking.experiment: {name!r} cannot be made: {error}") from error
    return known.experiment_id


def _flat(params: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in params.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _key(name: str) -> str:
    """Spell a name with the letters that MLflow takes."""
    spelt = re.sub(r"[^\w.\- /]", "_", str(name).replace("@", "_at_"))
    return spelt[:LONGEST_KEY]


def _batches(entries: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(entries), BATCH):
        yield entries[start : start + BATCH]


def _folder_of(name: str) -> str | None:
    above = Path(name).parent.as_posix()
    return None if above == "." else above


def _frame_digest(frame: "pd.DataFrame") -> str:
    import pandas as pd

    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    told = json.dumps([[str(name), str(kind)] for name, kind in frame.dtypes.items()])
    return hashlib.sha256(told.encode() + hashes.tobytes()).hexdigest()


def _first_line(error: Exception, secret: str, shown: str) -> str:
    lines = str(error).replace(secret, shown).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _hush() -> None:
    """Keep the notes of MLflow and of its migrations out of the log; warnings stay.

    What its database says when it fails (a full disk) is raised as well, and told in a line.
    """
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
