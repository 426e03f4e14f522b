"""Items are called by their names, and by their identifiers where they have none."""

import pandas as pd

from experiments.item_names import item_names


def test_without_a_column_of_names_identifiers_serve():
    names = item_names(pd.DataFrame({"item_id": ["a"]}), pd.Index(["a", "b"]))
    assert names.to_dict() == {"a": "a", "b": "b"}


def test_of_repeated_items_the_first_name_counts():
    items = pd.DataFrame({"item_id": ["a", "a"], "item_name": ["Tea", "Coffee"]})
    assert item_names(items, pd.Index(["a"])).tolist() == ["Tea"]


def test_an_empty_vocabulary_has_no_names():
    items = pd.DataFrame({"item_id": ["a"], "item_name": ["Tea"]})
    assert item_names(items, pd.Index([], dtype=object)).empty
