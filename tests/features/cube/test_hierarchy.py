"""Joins that would double a total, and levels that are no hierarchy, are refused by name."""

import duckdb
import pandas as pd
import pytest

from features.cube import Cube, CubeDeclaration
from lodeworks.errors import DataError


def test_a_many_to_many_join_is_refused_with_its_keys(shop):
    goods = pd.DataFrame(
        [("tea", "Drink"), ("tea", "Gift"), ("milk", "Drink"), ("bread", "Food")],
        columns=["item", "family"],
    )
    with pytest.raises(DataError, match=r"many-to-many and would double totals.*'tea' \(2 rows\)"):
        shop(goods=goods)


def test_a_member_with_two_parents_is_refused_with_both(shop):
    places = pd.DataFrame(
        [("P1", "North", "Ash"), ("P2", "South", "Ash"), ("P3", "South", "Bay")],
        columns=["place", "state", "town"],
    )
    levels = {"state": "places.state", "town": "places.town"}
    with pytest.raises(DataError) as caught:
        shop(places=places, dimensions={"place": {"levels": levels}})
    assert "place.town: 'Ash' has two parents, 'North' and 'South' of place.state" in str(
        caught.value
    )
    assert "declare 'within: state'" in str(caught.value)


def test_a_member_without_a_parent_is_refused(shop):
    goods = pd.DataFrame(
        [("tea", "Drink"), ("milk", None), ("bread", "Food")], columns=["item", "family"]
    )
    with pytest.raises(DataError, match=r"product.item: no parent in product.family for 'milk'"):
        shop(goods=goods)


def accounts(rows, facts=(("net", 5.0),)):
    connection = duckdb.connect()
    frame = pd.DataFrame(rows, columns=["id", "above", "label"])
    connection.register("a", frame)
    connection.execute("CREATE TABLE accounts AS SELECT * FROM a")
    connection.register("f", pd.DataFrame(list(facts), columns=["account", "amount"]))
    connection.execute("CREATE TABLE facts AS SELECT * FROM f")
    declared = CubeDeclaration.model_validate(
        {
            "name": "books",
            "tables": {"facts": "facts", "accounts": "accounts"},
            "fact": "facts",
            "joins": [{"from": "facts.account", "to": "accounts.id"}],
            "dimensions": {
                "account": {
                    "parent_child": {
                        "table": "accounts",
                        "key": "id",
                        "parent": "above",
                        "label": "label",
                    }
                }
            },
            "measures": {"amount": {"kind": "sum", "column": "facts.amount"}},
        }
    )
    return Cube(declared, connection)


def test_parents_and_children_become_levels_and_no_fact_is_lost():
    cube = accounts(
        [
            ("all", None, "All"),
            ("net", "all", "Net"),
            ("cost", "all", "Costs"),
            ("wage", "cost", "Wages"),
        ],
        [("net", 10.0), ("wage", 3.0), ("cost", 1.0), ("all", 0.5)],
    )
    view = cube.view.rows("account.level_1").drill_down("account").totals()
    found = {(row[0], row[1]): row[-1] for row in view.result().to_pandas().itertuples(index=False)}
    amounts = {key: value for key, value in found.items() if key[1] == key[1] and key[1]}
    assert amounts == {("All", "All"): 0.5, ("All", "Costs"): 4.0, ("All", "Net"): 10.0}
    assert [part.name for part in cube.layout.of_dimension("account")] == [
        "level_1", "level_2", "level_3"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("a", "b", "A"), ("b", "c", "B"), ("c", "a", "C")],
            "a circle: A -> B -> C -> A",
        ),
        ([("a", "a", "A")], "a circle: A -> A"),
        ([("a", None, "A"), ("b", "x", "B")], "'B' has the parent 'x', which does not exist"),
        ([("a", None, "A"), ("a", None, "B")], "accounts.id is not unique"),
        ([("a", None, "A"), ("b", "a", "A")], "'A' is the label of a, b"),
    ],
)
def test_circles_orphans_and_doubled_members_are_named(rows, message):
    with pytest.raises(DataError) as caught:
        accounts(rows)
    assert message in str(caught.value) or "is not unique" in str(caught.value)
    if "unique" not in message:
        assert message in str(caught.value)
