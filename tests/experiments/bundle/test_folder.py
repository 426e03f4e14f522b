import dataclasses
import json
import os
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from experiments.bundle import SEAL, Bundle, check_seal, load_bundle, write_bundle
from lodeworks.errors import BundleError
from models.recommend.history import History
from models.recommend.popularity import Popularity


@pytest.fixture
def written(tmp_path, bundle, known):
    folder = tmp_path / "ein Bündel 1"
    write_bundle(folder, bundle, **known)
    return folder


@pytest.fixture
def load(bundle, known):
    return lambda folder: load_bundle(folder, calibrator=type(bundle.calibrator), **known)


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def assert_same_part(given, found):
    if isinstance(given, np.ndarray):
        np.testing.assert_array_equal(given, found)
        assert found.flags.writeable
        assert (given.dtype, given.shape) == (found.dtype, found.shape)
    elif sparse.issparse(given):
        assert type(given) is type(found)
        assert (given.dtype, given.shape) == (found.dtype, found.shape)
        assert (given != found).nnz == 0
    elif isinstance(given, pd.DataFrame):
        pd.testing.assert_frame_equal(given, found)
    elif isinstance(given, dict):
        assert given.keys() == found.keys()
        for key in given:
            assert_same_part(given[key], found[key])
    elif isinstance(given, list):
        assert len(given) == len(found)
        for one, other in zip(given, found, strict=True):
            assert_same_part(one, other)
    else:
        assert type(given) is type(found)
        assert given == found


class TestRoundTrip:
    def test_every_kind_of_part_comes_back(self, written, bundle, load):
        found = load(written)
        assert_same_part(bundle.recommender.state_, found.recommender.state_)
        assert list(found.recommender.items_) == ["a", "b", "c"]
        assert found.recommender.get_params() == bundle.recommender.get_params()

    def test_the_rest_comes_back(self, written, bundle, load):
        found = load(written)
        pd.testing.assert_frame_equal(found.items, bundle.items)
        pd.testing.assert_frame_equal(found.item_features, bundle.item_features)
        assert found.calibrator.mean == 0.5
        assert found.meta == {**bundle.meta, "as_of": "2011-01-08"}
        quantiles = found.profile["recency_days"]["quantiles"]
        np.testing.assert_array_equal(quantiles, [0.0, np.nan, 3.0])

    def test_a_bundle_of_the_recommender_alone(self, tmp_path, bundle, known):
        write_bundle(tmp_path / "b", Bundle(bundle.recommender), **known)
        found = load_bundle(tmp_path / "b", **known)
        assert found.calibrator is None
        assert found.item_features is None
        assert found.items.empty
        assert (found.meta, found.profile) == ({}, {})

    def test_a_real_recommender_scores_equal(self, tmp_path, purchases):
        history = History.from_purchases(purchases, pd.Timestamp("2011-01-08"))
        fitted = Popularity(days=7).fit(history)
        registry = {"popularity": Popularity}
        write_bundle(tmp_path / "b", Bundle(fitted), registry=registry)
        found = load_bundle(tmp_path / "b", registry=registry).recommender
        pd.testing.assert_frame_equal(found.recommend(history), fitted.recommend(history))
        assert found.days == 7

    def test_writing_does_not_change_what_is_written(self, tmp_path, bundle, known):
        before = {
            k: v.copy() if hasattr(v, "copy") else v for k, v in bundle.recommender.state_.items()
        }
        write_bundle(tmp_path / "b", bundle, **known)
        assert_same_part(before, bundle.recommender.state_)

    def test_rows_of_an_array_that_is_not_contiguous_stay_in_order(self, tmp_path, bundle, known):
        matrix = np.arange(12.0).reshape(3, 4)
        bundle.recommender.state_ = {
            "t": matrix.T,
            "step": matrix[:, ::2],
            "big": matrix.astype(">f8"),
        }
        write_bundle(tmp_path / "b", bundle, **known)
        found = load_bundle(tmp_path / "b", calibrator=type(bundle.calibrator), **known)
        np.testing.assert_array_equal(found.recommender.state_["t"], matrix.T)
        np.testing.assert_array_equal(found.recommender.state_["step"], matrix[:, ::2])
        np.testing.assert_array_equal(found.recommender.state_["big"], matrix)


class TestBytes:
    def test_equal_bundles_have_equal_bytes(self, written, tmp_path, bundle, known):
        write_bundle(tmp_path / "again", bundle, **known)
        assert tree(written) == tree(tmp_path / "again")

    def test_also_after_a_round_trip(self, written, tmp_path, known, load):
        write_bundle(tmp_path / "again", load(written), **known)
        assert tree(written) == tree(tmp_path / "again")

    def test_other_content_has_another_identity(self, written, tmp_path, bundle, known):
        other = dataclasses.replace(bundle, meta={**bundle.meta, "name": "other"})
        write_bundle(tmp_path / "other", other, **known)
        changed = {n for n, c in tree(written).items() if tree(tmp_path / "other")[n] != c}
        assert changed == {"meta.json", "MLmodel", SEAL}

    def test_only_open_formats(self, written):
        kinds = {path.rpartition(".")[2] for path in tree(written)}
        assert kinds == {"json", "parquet", "safetensors", "txt", "yaml", "MLmodel"}
        for content in tree(written).values():
            with pytest.raises(Exception):  # noqa: B017
                pickle.loads(content)

    def test_licences_are_named(self, written):
        licences = json.loads((written / "licences.json").read_text())
        assert licences["lodeworks"]["licence"] == "Apache-2.0"
        assert "BSD" in licences["scikit-learn"]["licence"]
        assert all(0 < len(about["licence"]) < 200 for about in licences.values())


class TestWholeOrNot:
    def test_a_part_without_an_open_format_leaves_nothing(self, tmp_path, bundle, known):
        bundle.recommender.state_["last"] = object()
        with pytest.raises(TypeError, match=r"recommender\.last: a object is not a plain value"):
            write_bundle(tmp_path / "b", bundle, **known)
        assert list(tmp_path.iterdir()) == []

    def test_the_former_bundle_stays_when_the_new_one_fails(self, written, bundle, known, load):
        before = tree(written)
        bad = dataclasses.replace(bundle, meta={"model": {1, 2}})
        with pytest.raises(TypeError, match=r"value\.model: a set is not a plain value"):
            write_bundle(written, bad, **known)
        assert tree(written) == before
        assert [p.name for p in written.parent.iterdir()] == [written.name]

    def test_a_new_bundle_replaces_the_former(self, written, bundle, known, load):
        write_bundle(written, dataclasses.replace(bundle, meta={"name": "new"}), **known)
        assert load(written).meta == {"name": "new"}

    def test_an_unregistered_recommender_is_refused(self, tmp_path, bundle):
        with pytest.raises(
            BundleError, match=r"Remembering is not a registered .* known: popularity"
        ):
            write_bundle(tmp_path / "b", bundle, registry={"popularity": Popularity})
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("part", "message"),
        [
            (sparse.csc_matrix(np.eye(2)), r"x: a sparse matrix must be in rows \(csr\), not csc"),
            (np.array([1j]), "x: an array of complex128 has no open format"),
            (np.array([object()]), "x: an array of objects must be one row of texts"),
            ({1: 2}, "x: the key 1 is not text"),
            (pd.Index([1]), "x: a Index is not a plain value"),
            (pd.DataFrame({"o": [1, "a"]}), "x: a column has no Parquet type"),
        ],
    )
    def test_parts_without_an_open_format_are_named(self, tmp_path, bundle, known, part, message):
        bundle.recommender.state_ = {"x": part}
        with pytest.raises(TypeError, match=message):
            write_bundle(tmp_path / "b", bundle, **known)
        assert list(tmp_path.iterdir()) == []


class TestSeal:
    def test_it_names_every_file(self, written):
        assert check_seal(written) == set(tree(written)) - {SEAL}

    @pytest.mark.parametrize(
        "name", ["MLmodel", "meta.json", "recommender/arrays.safetensors", "recommender/trees.txt"]
    )
    def test_one_changed_byte_is_found_before_anything_is_read(self, written, load, name):
        content = bytearray((written / name).read_bytes())
        content[len(content) // 2] ^= 1
        (written / name).write_bytes(content)
        with pytest.raises(BundleError, match=f"{name}: was changed"):
            load(written)

    def test_all_differences_are_told_at_once(self, written, load):
        (written / "meta.json").unlink()
        (written / "profile.json").write_text("{}")
        (written / "extra.txt").write_text("x")
        (written / "sub").mkdir()
        (written / "sub" / "more.txt").write_text("x")
        with pytest.raises(BundleError, match="not as it was written") as caught:
            load(written)
        assert caught.value.problems == (
            "meta.json: is missing",
            "extra.txt: does not belong to the bundle",
            "sub/more.txt: does not belong to the bundle",
            "profile.json: was changed",
        )

    def test_a_planted_pickle_is_refused_and_not_run(self, written, load, tmp_path):
        class Evil:
            def __reduce__(self):
                return (os.mkdir, (str(tmp_path / "owned"),))

        (written / "model.pkl").write_bytes(pickle.dumps(Evil()))
        with pytest.raises(BundleError, match=r"model\.pkl: does not belong to the bundle"):
            load(written)
        assert not (tmp_path / "owned").exists()

    def test_a_link_is_refused(self, written, load, tmp_path):
        shutil.move(written / "meta.json", tmp_path / "meta.json")
        (written / "meta.json").symlink_to(tmp_path / "meta.json")
        (written / "folder").symlink_to(tmp_path)
        with pytest.raises(BundleError) as caught:
            load(written)
        assert caught.value.problems == ("folder: is a link", "meta.json: is a link")

    def test_the_note_that_mlflow_drops_is_tolerated(self, written, load):
        (written / "registered_model_meta").write_text("model_name: demo\n")
        assert load(written).meta["name"] == "demo"

    def test_a_folder_without_a_seal_is_foreign(self, tmp_path):
        with pytest.raises(BundleError, match=r"not a bundle, it holds no bundle\.json"):
            load_bundle(tmp_path)

    def test_a_folder_that_is_not_there(self, tmp_path):
        with pytest.raises(BundleError, match="nowhere: there is no such folder"):
            load_bundle(tmp_path / "nowhere")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("{", "cannot be read"),
            ("[]", "not the seal of a lodeworks-bundle"),
            ('{"format": "other"}', "not the seal of a lodeworks-bundle"),
            (
                '{"format": "lodeworks-bundle", "format_version": 2, "written_by": "lodeworks 9"}',
                "has format 2, this version .* reads format 1; written by lodeworks 9",
            ),
            ('{"format": "lodeworks-bundle", "format_version": 1}', "lists no files"),
        ],
    )
    def test_other_seals_are_refused(self, written, load, content, message):
        (written / SEAL).write_text(content)
        with pytest.raises(BundleError, match=message):
            load(written)


def reseal(folder):
    """What an attacker would do who knows the format."""
    from experiments.bundle.seal import seal

    (folder / SEAL).unlink()
    seal(folder)


class TestForgery:
    """A folder whose hashes are right, but whose content is not what it should be."""

    def test_a_loader_of_mlflow_is_never_called(self, written, load, tmp_path):
        code = f"import os; os.mkdir({str(tmp_path / 'owned')!r})"
        (written / "evil.py").write_text(code)
        text = (written / "MLmodel").read_text()
        (written / "MLmodel").write_text(text.replace("experiments.scoring_model", "evil"))
        reseal(written)
        assert load(written).meta["name"] == "demo"
        assert not (tmp_path / "owned").exists()

    @pytest.mark.parametrize("content", [b"", b"\x80\x04", b"\x93NUMPY", b"\xff" * 64])
    def test_arrays_of_another_format_are_refused(self, written, load, content):
        (written / "recommender" / "arrays.safetensors").write_bytes(content)
        reseal(written)
        with pytest.raises(BundleError, match="a part cannot be read"):
            load(written)

    def test_a_part_outside_the_bundle_is_refused(self, written, load, tmp_path):
        (tmp_path / "outside.txt").write_text("secret")
        state = json.loads((written / "recommender.json").read_text())
        state["trees"]["file"] = "../../outside.txt"
        (written / "recommender.json").write_text(json.dumps(state))
        reseal(written)
        with pytest.raises(BundleError, match="does not lie in the bundle"):
            load(written)

    @pytest.mark.parametrize("kind", ["pickle", None])
    def test_an_unknown_kind_of_part_is_refused(self, written, load, kind):
        state = json.loads((written / "recommender.json").read_text())
        state["trees"]["is"] = kind
        (written / "recommender.json").write_text(json.dumps(state))
        reseal(written)
        with pytest.raises(BundleError, match="unknown kind of part"):
            load(written)

    def test_an_unknown_recommender_is_refused(self, written, load):
        about = json.loads((written / "model.json").read_text())
        (written / "model.json").write_text(json.dumps({**about, "kind": "rememberin"}))
        reseal(written)
        with pytest.raises(BundleError, match="'rememberin' here; did you mean 'remembering'"):
            load(written)

    def test_parameters_that_the_recommender_does_not_take(self, written, load):
        about = json.loads((written / "model.json").read_text())
        (written / "model.json").write_text(json.dumps({**about, "params": {"code": "x"}}))
        reseal(written)
        with pytest.raises(BundleError, match="cannot be set up"):
            load(written)

    def test_a_calibrator_of_another_kind(self, written, load):
        (written / "calibrator.json").write_text('{"median": {"is": "plain", "value": 1}}')
        reseal(written)
        with pytest.raises(BundleError, match="the calibrator cannot be set up: 'mean'"):
            load(written)

    def test_a_bundle_that_lacks_a_part(self, written, load):
        (written / "model.json").unlink()
        (written / "items.parquet").unlink()
        reseal(written)
        with pytest.raises(BundleError, match=r"lacks model\.json, items\.parquet"):
            load(written)


def test_nothing_is_unpickled_on_the_way(written, load, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("unpickled")

    for name in ("load", "loads", "Unpickler", "_Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    monkeypatch.setattr(np, "load", refuse)
    assert load(written).recommender.weight == 2.0


def test_a_full_disk_leaves_nothing(tmp_path, bundle, known, monkeypatch):
    from experiments.bundle import folder as module

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "seal", full)
    with pytest.raises(OSError, match="No space left"):
        write_bundle(tmp_path / "b", bundle, **known)
    assert list(tmp_path.iterdir()) == []


def test_writing_and_reading_need_no_mlflow(tmp_path):
    code = (
        "import sys, pandas as pd\n"
        "from experiments.bundle import Bundle, load_bundle, write_bundle\n"
        "from models.recommend.popularity import Popularity\n"
        "from models.recommend.history import History\n"
        "lines = pd.DataFrame({'customer_id': ['c'], 'item_id': ['a'], 'order_id': ['o'],"
        " 'ordered_at': pd.to_datetime(['2011-01-01']), 'quantity': [1.0], 'amount': [1.0]})\n"
        "fitted = Popularity().fit(History.from_purchases(lines, pd.Timestamp('2011-01-01')))\n"
        "known = {'popularity': Popularity}\n"
        f"write_bundle({str(tmp_path / 'b')!r}, Bundle(fitted), registry=known)\n"
        f"load_bundle({str(tmp_path / 'b')!r}, registry=known)\n"
        "print('mlflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.stdout == "False\n"
