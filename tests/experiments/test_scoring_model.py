import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.bundle import Bundle, write_bundle
from experiments.scoring_model import ScoringModel, score
from lodeworks.errors import BundleError, DataError
from models.recommend.history import History
from models.recommend.popularity import Popularity

COLUMNS = ["customer_id", "rank", "item_id", "score", "probability", "reason", "evidence_id"]


class TestScore:
    def test_the_list_by_hand(self, bundle, purchases):
        found = score(bundle, purchases)
        assert list(found) == COLUMNS
        # 'a' has three customers, 'b' two, 'c' one; the weight is two and owned items are left out.
        rows = found[["customer_id", "rank", "item_id", "score"]].to_numpy().tolist()
        assert rows == [
            ["c1", 1, "c", 2.0],
            ["c2", 1, "b", 4.0],
            ["c3", 1, "b", 4.0],
            ["c3", 2, "c", 2.0],
            ["ç4", 1, "a", 6.0],
            ["ç4", 2, "c", 2.0],
        ]
        assert found["reason"].tolist()[:2] == ["Many bought Crème.", "Many bought b."]
        assert found["evidence_id"].tolist()[:2] == ["popular:c", "popular:b"]

    def test_the_probability_knows_rank_and_frequency(self, bundle, purchases):
        found = score(bundle, purchases)
        # c2 ordered twice
        assert found["probability"].tolist() == [0.5, 0.25, 0.5, 0.25, 0.5, 0.25]

    def test_orders_of_items_unknown_to_the_recommender_count_as_habits(self, bundle, purchases):
        new = pd.DataFrame(
            {
                "customer_id": ["c1"],
                "item_id": ["new"],
                "order_id": ["o9"],
                "ordered_at": pd.to_datetime(["2011-01-07"]),
                "quantity": [1.0],
                "amount": [1.0],
            }
        )
        meta = bundle.meta | {"customer_features": ["recency_days", "frequency"]}
        knowing = replace(bundle, meta=meta)
        found = score(knowing, pd.concat([purchases, new], ignore_index=True))
        assert found["probability"].tolist()[0] == 0.25

    def test_without_a_calibrator_the_probability_is_missing(self, bundle, purchases):
        found = score(replace(bundle, calibrator=None), purchases)
        assert found["probability"].isna().all()

    def test_rows_and_owned_items(self, bundle, purchases):
        assert score(bundle, purchases, rows=1)["rank"].tolist() == [1, 1, 1, 1]
        everything = score(bundle, purchases, exclude_owned=False)
        assert len(everything) == 4 * 3

    def test_what_came_after_as_of_is_not_seen(self, bundle, purchases):
        early = score(bundle, purchases, as_of="2011-01-04")
        assert early["customer_id"].unique().tolist() == ["c1", "c2"]
        assert early[early["customer_id"] == "c2"]["item_id"].tolist() == ["b", "c"]

    def test_the_whole_day_of_as_of_is_seen(self, bundle, purchases):
        found = score(bundle, purchases, as_of="2011-01-07")
        pd.testing.assert_frame_equal(found, score(bundle, purchases))

    def test_a_customer_without_a_purchase_up_to_as_of_is_not_in_the_list(self, bundle, purchases):
        assert "c3" not in score(bundle, purchases, as_of="2011-01-04")["customer_id"].to_numpy()

    def test_the_order_of_the_lines_does_not_matter(self, bundle, purchases):
        found = score(bundle, purchases.sample(frac=1, random_state=3))
        pd.testing.assert_frame_equal(found, score(bundle, purchases))

    def test_an_item_never_seen_in_training_is_left_out(self, bundle, purchases):
        new = purchases.assign(item_id=["new", *purchases["item_id"][1:]])
        found = score(bundle, new)
        assert found[found["customer_id"] == "c1"]["item_id"].tolist() == ["a", "c"]
        assert "new" not in found["item_id"].to_numpy()

    def test_indicators_are_handed_on_in_the_order_of_training(self, bundle, purchases):
        seen = []

        class Watching(type(bundle.recommender)):
            def scores(self, history, rows):
                seen.append(history.customer_features)
                return super().scores(history, rows)

        watching = Watching().set_state(bundle.recommender.get_state())
        watched = replace(bundle, recommender=watching)
        given = pd.DataFrame({"other": [1, 2], "recency_days": [5, 6]}, index=["c2", "c1"])
        score(watched, purchases, customer_features=given)
        score(watched, purchases)
        assert list(seen[0]) == list(seen[1]) == ["recency_days"]
        np.testing.assert_array_equal(seen[0]["recency_days"], [6, 5, np.nan, np.nan])
        # computed: days from the last purchase to the 7th
        np.testing.assert_array_equal(seen[1]["recency_days"], [4, 1, 2, 0])

    def test_purchases_older_than_what_training_observed_are_not_seen(self, bundle, purchases):
        short = replace(bundle, meta={"window": {"observe": 2}})
        found = score(short, purchases)
        assert found["customer_id"].unique().tolist() == ["c2", "ç4"]
        # c2's purchase of 'a' is forgotten
        assert found["item_id"].tolist() == ["a", "b", "a", "c"]

    def test_no_purchases_give_an_empty_list_of_the_same_columns(self, bundle, purchases):
        empty, full = score(bundle, purchases.head(0)), score(bundle, purchases)
        assert len(empty) == 0
        assert list(empty) == COLUMNS
        early = score(bundle, purchases, as_of="2010-01-01")
        assert len(early) == 0
        assert empty.dtypes["score"] == full.dtypes["score"]

    def test_a_date_that_is_none(self, bundle, purchases):
        with pytest.raises(DataError, match="as_of: 'soon' is not a date like 2024-12-31"):
            score(bundle, purchases, as_of="soon")

    def test_the_input_is_not_changed(self, bundle, purchases):
        before = purchases.copy()
        score(bundle, purchases, as_of="2011-01-05")
        pd.testing.assert_frame_equal(purchases, before)

    def test_predict_is_score_with_parameters(self, bundle, purchases):
        model = ScoringModel(bundle)
        pd.testing.assert_frame_equal(model.predict(purchases), score(bundle, purchases))
        given = {"as_of": "2011-01-04", "rows": 1, "exclude_owned": False}
        pd.testing.assert_frame_equal(
            model.predict(purchases, given), score(bundle, purchases, **given)
        )


@pytest.fixture
def popular(tmp_path, purchases, monkeypatch):
    """A bundle of a recommender of the product, as MLflow will read it."""
    history = History.from_purchases(purchases, pd.Timestamp("2011-01-08"))
    items = pd.DataFrame({"item_id": ["a", "b", "c"], "item_name": ["A", "B", "C"]})
    folder = tmp_path / "Bündel 1"
    made = Bundle(Popularity(days=None).fit(history), items=items, meta={"as_of": "2011-01-08"})
    write_bundle(folder, made)
    return folder, made


class TestMlflow:
    def test_it_predicts_what_score_gives(self, popular, purchases):
        import mlflow

        folder, made = popular
        model = mlflow.pyfunc.load_model(str(folder))
        pd.testing.assert_frame_equal(model.predict(purchases), score(made, purchases))
        early = model.predict(purchases, params={"as_of": "2011-01-04", "rows": 1})
        expected = score(made, purchases, as_of="2011-01-04", rows=1)
        pd.testing.assert_frame_equal(early, expected)

    def test_the_signature_is_enforced(self, popular, purchases):
        import mlflow

        model = mlflow.pyfunc.load_model(str(popular[0]))
        assert model.metadata.get_output_schema().input_names() == COLUMNS
        with pytest.raises(mlflow.exceptions.MlflowException, match="missing inputs"):
            model.predict(purchases.drop(columns="order_id"))

    def test_the_example_is_invented_and_can_be_scored(self, popular, purchases):
        import mlflow

        model = mlflow.pyfunc.load_model(str(popular[0]))
        example = model.input_example
        assert set(example["customer_id"]) == {"customer-1", "customer-2"}
        assert not set(example["customer_id"]) & set(purchases["customer_id"])
        found = model.predict(example)
        assert set(found["customer_id"]) == {"customer-1", "customer-2"}

    def test_the_example_can_be_served(self, popular):
        import mlflow
        from mlflow.pyfunc.scoring_server import _split_data_and_params, infer_and_parse_data

        text = (popular[0] / "serving_input_example.json").read_text()
        data, _ = _split_data_and_params(text)
        model = mlflow.pyfunc.load_model(str(popular[0]))
        frame = infer_and_parse_data(data, schema=model.metadata.get_input_schema())
        assert len(model.predict(frame)) > 0

    def test_a_changed_file_is_refused(self, popular):
        import mlflow

        state = json.loads((popular[0] / "meta.json").read_text())
        (popular[0] / "meta.json").write_text(json.dumps({**state, "as_of": "2011-01-09"}))
        with pytest.raises(BundleError, match=r"meta\.json: was changed"):
            mlflow.pyfunc.load_model(str(popular[0]))

    def test_its_requirements_are_pinned_and_are_what_is_installed(self, popular):
        import importlib.metadata

        lines = (popular[0] / "requirements.txt").read_text().splitlines()
        pins = dict(line.split("==") for line in lines)
        assert "lodeworks" in pins
        assert pins["mlflow"] == importlib.metadata.version("mlflow")

    def test_equal_in_a_clean_process(self, popular, purchases, tmp_path):
        folder, made = popular
        purchases.to_parquet(tmp_path / "lines.parquet")
        code = (
            "import sys, pandas as pd, mlflow\n"
            f"model = mlflow.pyfunc.load_model({str(folder)!r})\n"
            f"found = model.predict(pd.read_parquet({str(tmp_path / 'lines.parquet')!r}))\n"
            f"found.to_parquet({str(tmp_path / 'found.parquet')!r})"
        )
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            cwd=tmp_path,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "5"},
        )
        found = pd.read_parquet(tmp_path / "found.parquet")
        pd.testing.assert_frame_equal(found, score(made, purchases), check_dtype=False)
