"""Registered models: versions of a bundle, and the alias that says which one is in use."""

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlparse

from experiments.bundle import SEAL, check_seal
from experiments.tracking import connect
from lodeworks.errors import BundleError, did_you_mean
from lodeworks.files import digest, file_digest, new_folder

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["ModelVersion", "Registry"]

CHAMPION = "champion"
SEAL_TAG = "lode.bundle"
RUN_TAG = "lode.run"
# A registered model may be called what a logged one may not.
NOT_IN_NAMES = re.compile(r"[/:.%\"']")
ADDRESS = re.compile(r"models:/(?P<name>[^/@]+)(@(?P<alias>[^/@]+)|/(?P<version>\d+))")


@dataclass(frozen=True)
class ModelVersion:
    """A registered version of a model.

    Attributes
    ----------
    name : str
        The registered model.
    version : str
        A number that MLflow gives, as text.
    """

    name: str
    version: str


class Registry:
    """The models registered in a tracking store.

    Parameters
    ----------
    client : mlflow.MlflowClient
        Of a `Tracker`, or from `connect`.
    workspace : str or Path
        Where versions are copied to that a server keeps.
    """

    def __init__(self, client: "MlflowClient", workspace: str | Path) -> None:
        self._client = client
        self._copies = Path(workspace).resolve() / "cache" / "registered"

    @classmethod
    def open(cls, workspace: str | Path, uri: str | None = None) -> Self:
        """Open the registry beside the tracking store; see `tracking_uri` for which one that is."""
        return cls(connect(Path(workspace).resolve(), uri), workspace)

    def register(self, folder: str | Path, name: str, run_id: str) -> ModelVersion:
        """Register a bundle as a new version; the same bundle again is the same version.

        Parameters
        ----------
        folder : str or Path
            A bundle; its seal is checked.
        name : str
            Of the registered model, made when it is new.
        run_id : str
            The run that it came from.

        Raises
        ------
        BundleError
            When the bundle is damaged or MLflow does not take the name.
        """
        check_seal(folder)
        mark = file_digest(Path(folder) / SEAL)
        self._make_model(name)
        for known in self._versions(name):
            if known.tags.get(SEAL_TAG) == mark:
                return ModelVersion(name, str(known.version))
        return self._new_version(Path(folder), name, run_id, mark)

    def promote(self, name: str, version: str | int, alias: str = CHAMPION) -> None:
        """Let the alias point to a version; it points to one version at a time.

        Raises
        ------
        BundleError
            When there is no such model or version.
        """
        self._version(name, str(version))
        self._client.set_registered_model_alias(name, alias, str(version))

    def champion(self, name: str, alias: str = CHAMPION) -> tuple[str, Path] | None:
        """Give the version that the alias points to and its folder, or None when there is none."""
        version = self._aliases(name).get(alias) if name in self._names() else None
        return None if version is None else (version, self._fetch(name, version))

    def version_of(self, address: str) -> ModelVersion:
        """Say which version ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION`` stands for.

        Raises
        ------
        BundleError
            When the address is no such address or names what does not exist.
        """
        parts = ADDRESS.fullmatch(address)
        if parts is None:
            raise BundleError(f"{address}: write models:/NAME@ALIAS or models:/NAME/VERSION")
        name, alias = parts["name"], parts["alias"]
        self._require_model(name)
        if alias is None:
            self._version(name, parts["version"])
            return ModelVersion(name, parts["version"])
        aliases = self._aliases(name)
        if alias not in aliases:
            raise BundleError(f"{name} has no alias {alias!r}; {_among(alias, aliases, 'alias')}")
        return ModelVersion(name, aliases[alias])

    def resolve(self, address: str | Path) -> Path:
        """Give a local folder with the bundle at an address.

        Parameters
        ----------
        address : str or Path
            ``models:/NAME@ALIAS``, ``models:/NAME/VERSION`` or a folder.

        Raises
        ------
        BundleError
            When there is nothing under the address; the message says what there is.
        """
        if not str(address).startswith("models:"):
            if not Path(address).is_dir():
                raise BundleError(f"{address}: there is no such folder")
            return Path(address)
        found = self.version_of(str(address))
        return self._fetch(found.name, found.version)

    def run_of(self, address: str) -> tuple[str, str]:
        """Say which run made a version, and with which configuration.

        Parameters
        ----------
        address : str
            ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.

        Returns
        -------
        tuple of str
            The run in the workspace, and the text of its ``config.yaml``.

        Raises
        ------
        BundleError
            When there is nothing under the address, or its run kept no configuration.
        """
        from mlflow.exceptions import MlflowException

        found = self.version_of(address)
        made_by = str(self._version(found.name, found.version).run_id or "")
        try:
            run = self._client.get_run(made_by)
            with TemporaryDirectory() as folder:
                text = Path(
                    self._client.download_artifacts(made_by, "config.yaml", folder)
                ).read_text(encoding="utf-8")
        except (MlflowException, OSError) as error:
            raise BundleError(
                f"{address}: the run {made_by or 'that made it'} kept no configuration; use"
                " `lode run CONFIG`"
            ) from error
        return str(run.data.tags.get(RUN_TAG, "")), text

    def _make_model(self, name: str) -> None:
        from mlflow.exceptions import MlflowException

        if name in self._names():
            return
        try:
            self._client.create_registered_model(name)
        except MlflowException as error:
            if name not in self._names():
                raise BundleError(f"{name!r} cannot name a registered model: {error}") from error

    def _new_version(self, folder: Path, name: str, run_id: str, mark: str) -> ModelVersion:
        experiment = self._client.get_run(run_id).info.experiment_id
        model = self._client.create_logged_model(
            experiment, name=NOT_IN_NAMES.sub("_", name), source_run_id=run_id
        )
        self._client.log_model_artifacts(model.model_id, str(folder))
        self._client.finalize_logged_model(model.model_id, "READY")
        made = self._client.create_model_version(
            name,
            source=model.artifact_location,
            run_id=run_id,
            model_id=model.model_id,
            tags={SEAL_TAG: mark},
        )
        return ModelVersion(name, str(made.version))

    def _fetch(self, name: str, version: str) -> Path:
        """Give the folder itself where it is on this machine, else a copy that is made once."""
        where = self._client.get_model_version_download_uri(name, version)
        here = _local_folder(where)
        if here is not None:
            if not here.is_dir():
                raise BundleError(f"models:/{name}/{version}: its folder {here} is gone")
            return here
        copy = self._copies / digest([name, version, where])[:16]
        if not copy.exists():
            self._download(where, copy)
        return copy

    def _download(self, where: str, copy: Path) -> None:
        import mlflow

        with new_folder(copy) as aside:
            mlflow.artifacts.download_artifacts(
                artifact_uri=where, dst_path=str(aside), tracking_uri=self._client.tracking_uri
            )
            _lift(aside)

    def _require_model(self, name: str) -> None:
        names = self._names()
        if name not in names:
            raise BundleError(
                f"no registered model {name!r}; {_among(name, names, 'registered model')}"
            )

    def _version(self, name: str, version: str) -> Any:
        self._require_model(name)
        versions = {str(known.version): known for known in self._versions(name)}
        if version not in versions:
            told = ", ".join(sorted(versions, key=int)) or "none"
            raise BundleError(f"{name} has no version {version}; versions: {told}")
        return versions[version]

    def _names(self) -> list[str]:
        return [model.name for model in _all_pages(self._client.search_registered_models)]

    def _versions(self, name: str) -> list[Any]:
        quote = "'" if '"' in name else '"'
        wanted = f"name={quote}{name}{quote}"
        versions = _all_pages(self._client.search_model_versions, filter_string=wanted)
        return [version for version in versions if version.name == name]

    def _aliases(self, name: str) -> dict[str, str]:
        aliases = self._client.get_registered_model(name).aliases
        return {alias: str(version) for alias, version in aliases.items()}


def _among(given: str, known: Any, what: str) -> str:
    return did_you_mean(given, known) if known else f"there is no {what} yet"


def _all_pages(search: Any, **arguments: Any) -> list[Any]:
    found, token = [], None
    while True:
        page = search(page_token=token, **arguments)
        found.extend(page)
        token = page.token
        if not token:
            return found


def _local_folder(where: str) -> Path | None:
    from mlflow.utils.file_utils import local_file_uri_to_path

    if urlparse(where).scheme not in ("", "file"):
        return None
    return Path(local_file_uri_to_path(where))


def _lift(folder: Path) -> None:
    """Take the content out of the one folder that a download may put around it."""
    if (folder / SEAL).exists():
        return
    for sealed in sorted(folder.glob(f"*/{SEAL}")):
        inner = sealed.parent
        for part in list(inner.iterdir()):
            part.rename(folder / part.name)
        inner.rmdir()
        return
