from datetime import date, datetime

import ibis
import pandas as pd
import pytest

from features.text import TextFeatures, Topics, customer_texts, mean_by_customer, seen_texts

AS_OF = date(2024, 5, 10)
ROWS = [
    ("ann", datetime(2024, 5, 1, 9), "late delivery"),
    ("ann", datetime(2024, 5, 10, 23, 59), "broken cup"),
    ("bob", datetime(2024, 5, 2), "the delivery was late"),
    ("cid", datetime(2024, 5, 3), None),
    ("dan", datetime(2024, 5, 4), "cup broken"),
]
LATER = [("ann", datetime(2024, 5, 11), "late late late"), ("eve", datetime(2024, 6, 1), "cup")]


def interactions(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "happened_at", "text"])
    return ibis.memtable(
        frame, schema={"customer_id": "string", "happened_at": "timestamp", "text": "string"}
    )


@pytest.mark.parametrize("model", [TextFeatures(2), Topics(2)])
def test_nothing_after_the_day_changes_anything(model):
    seen = seen_texts(interactions(*ROWS), AS_OF)
    later = seen_texts(interactions(*LATER, *ROWS), AS_OF)
    pd.testing.assert_frame_equal(seen, later)
    fitted = model.fit(seen["text"])
    pd.testing.assert_frame_equal(
        customer_texts(interactions(*ROWS), AS_OF, fitted),
        customer_texts(interactions(*LATER, *ROWS), AS_OF, fitted),
    )


def test_figures_of_a_customer_are_the_means_of_the_texts():
    fitted = Topics(2).fit([text for *_, text in ROWS])
    found = customer_texts(interactions(*ROWS), AS_OF, fitted)
    assert found.index.tolist() == ["ann", "bob", "dan"]
    assert found["texts"].tolist() == [2, 1, 1]
    expected = fitted.transform(["late delivery", "broken cup"]).mean()
    pd.testing.assert_series_equal(found.loc["ann"].drop("texts"), expected, check_names=False)


def test_texts_of_nobody_are_left_out():
    values = pd.DataFrame({"text_1": [1.0, 2.0, 4.0]})
    found = mean_by_customer(values, pd.Series(["b", None, "a"]))
    assert found.to_dict("index") == {
        "a": {"texts": 1.0, "text_1": 4.0},
        "b": {"texts": 1.0, "text_1": 1.0},
    }
