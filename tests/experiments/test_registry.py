from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from experiments.bundle import Bundle, check_seal, load_bundle, write_bundle
from experiments.registry import ModelVersion, Registry
from experiments.tracking import Tracker
from lodeworks.errors import BundleError
from models.recommend.history import History
from models.recommend.popularity import Popularity


@pytest.fixture
def tracker(workspace):
    return Tracker.open(workspace, experiment="demo")


@pytest.fixture
def registry(tracker, workspace):
    return Registry(tracker.client, workspace)


@pytest.fixture
def run_id(tracker):
    with tracker.run("r") as run:
        return run.id


@pytest.fixture
def made(tmp_path, purchases):
    """A function that writes one bundle a name."""
    history = History.from_purchases(purchases, pd.Timestamp("2011-01-08"))
    bundle = Bundle(Popularity(days=None).fit(history))

    def write(name: str) -> Path:
        folder = tmp_path / "bündel 1" / name
        write_bundle(folder, replace(bundle, meta={"name": name}))
        return folder

    return write


def content(folder):
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    found.pop("registered_model_meta", None)
    return found


class TestRegister:
    def test_versions_count_up_and_are_byte_for_byte_the_bundle(self, registry, made, run_id):
        versions = [registry.register(made(name), "demo", run_id) for name in ("one", "two")]
        assert versions == [ModelVersion("demo", "1"), ModelVersion("demo", "2")]
        for version, name in zip("12", ("one", "two"), strict=True):
            found = registry.resolve(f"models:/demo/{version}")
            assert content(found) == content(made(name))
            assert load_bundle(found).meta == {"name": name}

    def test_it_is_a_copy_inside_the_workspace(self, registry, made, run_id, workspace):
        registry.register(made("one"), "demo", run_id)
        found = registry.resolve("models:/demo/1")
        assert (workspace / "artifacts").resolve() in found.resolve().parents

    def test_the_same_bundle_is_the_same_version(self, registry, made, run_id):
        first = registry.register(made("one"), "demo", run_id)
        registry.register(made("two"), "demo", run_id)
        assert registry.register(made("one"), "demo", run_id) == first
        assert registry.register(made("one"), "other", run_id) == ModelVersion("other", "1")

    def test_the_version_knows_its_run_and_its_model(self, registry, made, run_id, tracker):
        registry.register(made("one"), "demo", run_id)
        version = tracker.client.get_model_version("demo", "1")
        assert version.run_id == run_id
        logged = tracker.client.search_logged_models([tracker.experiment_id])
        assert [(m.name, m.source_run_id, str(m.status)) for m in logged] == [
            ("demo", run_id, "READY")
        ]

    def test_a_damaged_bundle_is_not_registered(self, registry, made, run_id, tracker):
        folder = made("one")
        (folder / "meta.json").write_text("{}")
        with pytest.raises(BundleError, match=r"meta\.json: was changed"):
            registry.register(folder, "demo", run_id)
        assert tracker.client.search_registered_models() == []

    @pytest.mark.parametrize("name", ["a/b", "a:b"])
    def test_a_name_that_mlflow_does_not_take(self, registry, made, run_id, name):
        with pytest.raises(BundleError, match=f"'{name}' cannot name a registered model"):
            registry.register(made("one"), name, run_id)

    def test_names_with_spaces_quotes_and_accents(self, registry, made, run_id):
        name = "Märkte d'été 1"
        registry.register(made("one"), name, run_id)
        registry.promote(name, "1")
        assert load_bundle(registry.resolve(f"models:/{name}@champion")).meta == {"name": "one"}


class TestChampion:
    def test_there_is_none_before_one_is_promoted(self, registry, made, run_id):
        assert registry.champion("demo") is None
        registry.register(made("one"), "demo", run_id)
        assert registry.champion("demo") is None

    def test_the_alias_moves(self, registry, made, run_id):
        for name in ("one", "two"):
            version = registry.register(made(name), "demo", run_id)
            registry.promote("demo", version.version)
            found, folder = registry.champion("demo")
            assert found == version.version
            assert load_bundle(folder).meta == {"name": name}
        registry.promote("demo", 1)
        assert registry.champion("demo")[0] == "1"

    def test_another_alias_is_another_pointer(self, registry, made, run_id):
        registry.register(made("one"), "demo", run_id)
        registry.promote("demo", "1", alias="challenger")
        assert registry.champion("demo") is None
        assert registry.champion("demo", "challenger")[0] == "1"

    def test_a_version_that_is_not_there_is_refused_and_the_champion_stays(
        self, registry, made, run_id
    ):
        registry.register(made("one"), "demo", run_id)
        registry.promote("demo", "1")
        with pytest.raises(BundleError, match="demo has no version 7; versions: 1"):
            registry.promote("demo", "7")
        assert registry.champion("demo")[0] == "1"

    def test_mlflow_itself_loads_the_champion(
        self, registry, made, run_id, tracker, purchases, monkeypatch
    ):
        import mlflow

        registry.register(made("one"), "demo", run_id)
        registry.promote("demo", "1")
        before = mlflow.get_tracking_uri()
        mlflow.set_tracking_uri(tracker.client.tracking_uri)
        try:
            model = mlflow.pyfunc.load_model("models:/demo@champion")
        finally:
            mlflow.set_tracking_uri(before)
        assert len(model.predict(purchases)) == 6
        # MLflow leaves a note in the folder; the bundle is still whole.
        assert check_seal(registry.resolve("models:/demo@champion"))


class TestResolve:
    def test_a_folder_is_itself(self, registry, made):
        folder = made("one")
        assert registry.resolve(folder) == folder
        assert registry.resolve(str(folder)) == folder

    def test_it_opens_without_an_experiment(self, workspace, made, run_id, registry):
        registry.register(made("one"), "demo", run_id)
        again = Registry.open(workspace)
        assert again.version_of("models:/demo/1") == ModelVersion("demo", "1")

    def test_what_does_not_exist_is_told_with_what_does(self, registry, made, run_id, tmp_path):
        with pytest.raises(BundleError, match="'demo'; there is no registered model yet"):
            registry.resolve("models:/demo@champion")
        registry.register(made("one"), "demo", run_id)
        with pytest.raises(BundleError, match="no alias 'champion'; there is no alias yet"):
            registry.resolve("models:/demo@champion")
        registry.promote("demo", "1")
        for address, message in [
            ("models:/demmo@champion", "no registered model 'demmo'; did you mean 'demo'"),
            ("models:/demo@champoin", "no alias 'champoin'; did you mean 'champion'"),
            ("models:/demo/2", "demo has no version 2; versions: 1"),
            ("models:/demo", "write models:/NAME@ALIAS or models:/NAME/VERSION"),
            ("models:demo@champion", "write models:/NAME@ALIAS"),
            (tmp_path / "nowhere", "nowhere: there is no such folder"),
        ]:
            with pytest.raises(BundleError, match=message):
                registry.resolve(address)

    def test_a_version_whose_folder_is_gone(self, registry, made, run_id):
        import shutil

        registry.register(made("one"), "demo", run_id)
        shutil.rmtree(registry.resolve("models:/demo/1"))
        with pytest.raises(BundleError, match=r"models:/demo/1: its folder .* is gone"):
            registry.resolve("models:/demo/1")

    def test_what_a_server_keeps_is_copied_once_into_the_workspace(
        self, registry, made, run_id, workspace, monkeypatch
    ):
        from experiments import registry as module

        registry.register(made("one"), "demo", run_id)
        monkeypatch.setattr(module, "_local_folder", lambda _: None)
        copy = registry.resolve("models:/demo/1")
        assert workspace.resolve() / "cache" in copy.parents
        assert content(copy) == content(made("one"))
        monkeypatch.setattr(Registry, "_download", None)
        assert registry.resolve("models:/demo/1") == copy
