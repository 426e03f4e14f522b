"""A bundle of a question behind MLflow's `predict`."""

import mlflow
import pandas as pd
import pytest

from lodeworks.errors import BundleError, DataError
from pipelines.bundle_kind import find_bundle, kind_of
from pipelines.questions.served import ServedModel, served_lines, served_table
from pipelines.score import scorer_of


def model_of(asked):
    folder = asked.summary.paths["bundle"]
    return ServedModel(scorer_of(folder)(folder))


def test_a_champion_is_loaded_by_its_address(every_kind):
    asked = every_kind["predict"]
    mlflow.set_tracking_uri(f"sqlite:///{asked.workspace / 'mlflow.db'}")
    model = mlflow.pyfunc.load_model(asked.address)  # the fixture of all tests takes the uri back
    found = model.predict(asked.case.new)
    assert sorted(found["who"]) == sorted(asked.case.new["who"])
    assert found["probability"].between(0, 1).all()
    assert model.metadata.signature.inputs.input_names()[0] == "who"


def test_the_order_of_the_rows_and_further_columns_do_not_matter(every_kind):
    asked = every_kind["predict"]
    model, new = model_of(asked), asked.case.new
    turned = new.iloc[::-1].assign(further="x")
    pd.testing.assert_frame_equal(model.predict(turned), model.predict(new))


def test_whole_numbers_and_missing_values_are_taken(every_kind):
    asked = every_kind["predict"]
    new = asked.case.new.head(5).copy()
    new["tenure"] = new["tenure"].astype(int)
    new.loc[new.index[0], "noise"] = None
    new.loc[new.index[1], "contract"] = None
    assert len(model_of(asked).predict(new)) == 5


def test_what_is_missing_is_named(every_kind):
    asked = every_kind["predict"]
    with pytest.raises(DataError, match="the model needs the columns contract, tenure"):
        model_of(asked).predict(asked.case.new[["who", "noise"]])
    with pytest.raises(DataError, match="there is no row to score"):
        model_of(asked).predict(asked.case.new.head(0))


def test_the_last_day_of_purchases_is_that_of_the_latest(every_kind):
    asked = every_kind["value"]
    model, new = model_of(asked), asked.case.new
    last = new["ordered_at"].max().date()
    pd.testing.assert_frame_equal(model.predict(new), model.predict(new, {"as_of": str(last)}))
    early = model.predict(new, {"as_of": "2023-03-31"})
    seen = new[new["ordered_at"] < "2023-04-01"]
    assert sorted(early["customer_id"]) == sorted(seen["customer_id"].unique())
    with pytest.raises(DataError, match="as_of: 'yesterday' is not a date like 2024-12-31"):
        model.predict(new, {"as_of": "yesterday"})
    with pytest.raises(DataError, match="there is no purchase up to 1999-01-01"):
        model.predict(new, {"as_of": "1999-01-01"})


def test_a_negative_quantity_is_a_return_and_no_purchase(every_kind):
    asked = every_kind["value"]
    model, new = model_of(asked), asked.case.new
    back = new.head(3).assign(quantity=-1.0, amount=-new["amount"].head(3), order_id="back")
    params = {"as_of": str(asked.case.as_of)}
    with_returns = model.predict(pd.concat([new, back]), params)
    pd.testing.assert_frame_equal(with_returns, model.predict(new, params))


def test_signatures_say_types_and_what_may_lack():
    found = served_table({"who": "text", "n": "number"}, {"who": "string"}, optional=("who",))
    assert dict(found.inputs) == {"who": "string", "n": "double"}
    assert found.rows == [["a", 1.0]]
    lines = served_lines({"customer_id": "string"})
    assert [param["name"] for param in lines.params] == ["as_of"]
    assert all(len(row) == len(lines.inputs) for row in lines.rows)


def test_addresses(every_kind, tmp_path):
    asked = every_kind["segments"]
    assert find_bundle(tmp_path, asked.workspace) == (tmp_path, "")
    folder, version = find_bundle(f"models:/{asked.name}/1", asked.workspace)
    assert (kind_of(folder), version) == ("segments", "1")
    with pytest.raises(BundleError, match="no registered model 'the-segment'") as caught:
        find_bundle("models:/the-segment@champion", asked.workspace)
    assert "did you mean 'the-segments'" in str(caught.value)
    # Whoever reads the bundle says what is wrong with the address.
    assert kind_of("models:/the-segment@champion", asked.workspace) == "cross-sell"
