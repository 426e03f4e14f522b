"""Balances, comparisons, scenarios, trends, wallets and small groups, against figures by hand."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from features.cube import Cube, CubeDeclaration
from features.cube.declaration import Scenario
from features.cube.derived import period_number
from features.cube.scenarios import read_scenario
from features.cube.trend import forecast, period_name
from features.cube.wallet import wallet_share
from lodeworks.errors import ConfigError, DataError


def column(view, name):
    result = view.result()
    return [
        None if v != v else round(float(v), 6)
        for v in result.frame[name].to_numpy(dtype=float, na_value=np.nan)
    ]


def states(rows):
    connection = duckdb.connect()
    frame = pd.DataFrame(rows, columns=["account", "branch", "at", "state"])
    connection.register("given", frame)
    connection.execute(
        'CREATE TABLE b AS SELECT account, branch, CAST("at" AS DATE) AS "at", state FROM given'
    )
    held = {"kind": "balance", "column": "b.state", "of": ["b.account"], "over": "b.at"}
    take = {name: {**held, "take": name} for name in ("last", "first", "average")}
    declared = CubeDeclaration.model_validate(
        {
            "name": "bank",
            "tables": {"b": "b"},
            "fact": "b",
            "dimensions": {
                "time": {"time": {"column": "b.at"}},
                "branch": {"levels": {"name": "b.branch"}},
            },
            "measures": take,
        }
    )
    return Cube(declared, connection)


BALANCES = [
    ("x", "N", "2024-01-10", 100.0),
    ("x", "N", "2024-01-31", 120.0),
    ("x", "N", "2024-02-29", 90.0),
    ("y", "S", "2024-01-20", 10.0),
    ("y", "S", "2024-02-10", 30.0),
    ("z", "S", "2024-01-31", 5.0),
]


def test_a_balance_adds_up_over_branches_and_not_over_time():
    view = states(BALANCES).view.rows("time.month").columns("branch.name").totals()
    pivot = view.result().pivot()
    january, february, both = ("2024", "1"), ("2024", "2"), ("Total", "Total")
    assert pivot.loc[january, "N"].tolist() == [120, 100, 110]
    assert pivot.loc[january, "S"].tolist() == [15, 15, 15]
    assert pivot.loc[february, "N"].tolist() == [90, 90, 90]
    assert pivot.loc[february, "S"].tolist() == [30, 30, 30]
    # over both months the last state of each account counts: 90, and 30 + 5
    assert pivot.loc[both, "N"]["last"] == 90
    assert pivot.loc[both, "S"]["last"] == 35
    assert pivot["Total"]["last"].tolist() == [135, 120, 125]


def test_a_holder_with_two_states_at_a_moment_is_refused():
    with pytest.raises(DataError, match="more than one state at a moment for x, 2024-01-10"):
        states([*BALANCES, ("x", "S", "2024-01-10", 7.0)])


def test_shares_are_of_the_parent_in_the_hierarchy(cube):
    view = cube.view.rows("place.town").measures("sales").share_of_parent("sales")
    assert column(view, "sales share") == [1.0, 0.2, 0.8]
    assert view.result().levels == ("place.state", "place.town")


def test_shares_of_what_does_not_add_up_use_the_real_parent(cube):
    view = cube.view.rows("product.item").measures("customers").share_of_parent("customers")
    # bread: 2 of the 2 customers of Food; milk 2 and tea 3 of the 4 of Drink
    assert column(view, "customers share") == [1.0, 0.5, 0.75]


def test_shares_of_totals_are_of_the_level_above(cube):
    view = cube.view.rows("product.family", "product.item").measures("sales").totals()
    shares = column(view.share_of_parent("sales"), "sales share")
    assert shares[-1] == 1.0
    assert shares[0] + shares[1] == pytest.approx(1)
    assert shares[2] == pytest.approx(39.75 / 46.35, abs=1e-6)


def test_ranks_are_among_siblings_and_ties_share_a_rank(cube):
    view = cube.view.rows("product.item").measures("lines").rank("lines")
    assert column(view, "lines rank") == [2, 2, 1]
    crossed = cube.view.rows("product.item").columns("time.year").measures("sales").rank("sales")
    assert column(crossed, "sales rank") == [2, 2, 2, 1, 1]
    rising = cube.view.rows("product.item").measures("sales").rank("sales", ascending=True)
    assert column(rising, "sales rank") == [2, 1, 3]


def test_periods_follow_each_other_over_the_end_of_a_year(cube):
    view = cube.view.rows("time.month").measures("sales").difference("sales").growth("sales")
    assert column(view, "sales difference") == [None, -7.9, 3.95, 18.45, -21.3]
    assert column(view, "sales growth")[1] == pytest.approx(-7.9 / 10.1, abs=1e-6)


def test_a_period_that_is_not_shown_is_no_period_before(cube):
    view = cube.view.rows("time.month").where("time.month=11,1,2").measures("sales")
    assert column(view.difference("sales"), "sales difference") == [None, None, 18.45]
    assert column(view.difference("sales", lag=2), "sales difference")[1] == pytest.approx(-3.95)


def test_running_totals_go_on_or_begin_anew(cube):
    view = cube.view.rows("time.year", "time.month").measures("sales")
    assert column(view.running_total("sales"), "sales running total") == [
        10.1, 12.3, 18.45, 43.05, 46.35
    ]  # fmt: skip
    assert column(view.running_total("sales", within="year"), "sales running total") == [
        10.1, 12.3, 6.15, 30.75, 34.05
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="needs that level on an axis"):
        cube.view.rows("time.day").running_total("sales", within="year").result()


def test_declared_comparisons_are_measures_like_others(shop):
    measures = {
        "sales": {"kind": "sum", "column": "lines.amount"},
        "part": {"kind": "share_of_parent", "of": "sales", "along": "product"},
        "place": {"kind": "rank", "of": "sales"},
    }
    cube = shop(measures=measures, dimensions={"product": {"levels": {"family": "goods.family"}}})
    frame = cube.view.rows("product.family").measures("part", "place").result().to_pandas()
    assert list(frame.columns) == ["product.family", "grain", "part", "place"]
    assert frame["part"].sum() == pytest.approx(1)


def test_only_some_rows_count_for_a_measure(shop):
    measures = {
        "sold": {"kind": "sum", "column": "lines.amount", "only": {"lines.item": ["tea"]}},
        "other": {"kind": "count", "only": {"lines.item": ["milk", "bread"]}},
        "none": {"kind": "sum", "column": "lines.amount", "only": {"lines.item": ["jam", None]}},
    }
    row = shop(measures=measures).view.result().frame.iloc[0]
    assert (row["sold"], row["other"], row["none"]) == (35.35, 4, 0)


# -- what if ------------------------------------------------------------------------------------


def test_scenarios_stand_side_by_side_with_differences(cube):
    view = cube.view.rows("product.family").measures("sales", "margin").totals()
    view = view.what_if("dear: sales * 1.1 where product.family=Drink", "cheap: cost -50%")
    assert column(view, "sales [dear]") == [43.725, 6.6, 50.325]
    assert column(view, "sales [dear] difference") == [3.975, 0, 3.975]
    # the cost is no part of sales, so sales are not shown again
    assert "sales [cheap]" not in view.result().frame
    assert column(view, "margin [cheap]")[-1] == pytest.approx(1 - 9.5 / 46.35, abs=1e-6)


def test_changes_of_one_scenario_multiply(cube):
    view = cube.view.measures("sales").what_if("x: sales * 2 where time.year=2024; sales * 3")
    assert column(view, "sales [x]") == [pytest.approx(3 * 12.3 + 6 * 34.05)]


def test_a_new_total_is_spread_and_reaches_every_level(cube):
    view = cube.view.rows("product.item").measures("sales").totals()
    values = column(view.what_if("x: sales = 100 where product.family=Drink"), "sales [x]")
    assert values[1] + values[2] == pytest.approx(100, abs=1e-6)
    assert values[-1] == pytest.approx(106.6, abs=1e-6)
    assert values[2] / values[1] == pytest.approx(35.35 / 4.4, rel=1e-6)


def test_a_new_share_keeps_the_total(cube):
    view = cube.view.rows("product.family").measures("sales").totals()
    values = column(view.what_if("x: sales share 0.5 where product.family=Food"), "sales [x]")
    assert values == [pytest.approx(23.175), pytest.approx(23.175), pytest.approx(46.35)]


def test_a_scenario_is_one_world_whatever_the_view(cube):
    whole = cube.view.rows("time.year").measures("sales").what_if("x: sales = 100")
    part = whole.where("time.year=2024")
    assert column(whole, "sales [x]")[1] == column(part, "sales [x]")[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sales * 1.1", "unknown scenario 'sales \\* 1.1'"),
        ("x: sales ^ 2", "is not a change such as"),
        ("x: sles * 2", "unknown measure 'sles'; did you mean 'sales'"),
        ("x: margin * 2", "'margin' cannot be changed, only a sum or a balance can"),
        ("x: sales * 2 where product.family=Drink and product.family=Food", "is asked twice"),
        ("x: sales share 1.5", "the number cannot be used"),
        (":", "is not a scenario such as"),
    ],
)
def test_scenarios_that_cannot_be_read_are_refused(cube, text, message):
    with pytest.raises(ConfigError, match=message):
        cube.view.what_if(text)


def test_scenarios_without_anything_to_spread_are_refused(cube):
    with pytest.raises(ConfigError, match="have no sales to spread a total over"):
        cube.view.what_if("x: sales = 5 where product.item=jam").result()
    with pytest.raises(ConfigError, match="nothing gives way"):
        cube.view.what_if("x: sales share 0.5").result()
    with pytest.raises(ConfigError, match="names of their own"):
        cube.view.what_if("x: sales * 2", "x: cost * 2")
    with pytest.raises(ConfigError, match="has no member 'Fuel'"):
        cube.view.what_if("x: sales * 2 where product.family=Fuel").result()


def test_scenario_text_keeps_quoted_words_together():
    read = read_scenario('s: a,b *2 where d.x="one and two; where",z and d.y=1..3')
    assert isinstance(read, Scenario)
    (change,) = read.changes
    assert change.measures == ("a", "b")
    assert change.where["d.x"].values == ("one and two; where", "z")


# -- trend --------------------------------------------------------------------------------------


def series(values, start="2020-01-15", kind="sum"):
    connection = duckdb.connect()
    days = pd.date_range(start, periods=len(values), freq="MS").date
    rows = pd.DataFrame({"at": days, "x": values}).dropna()
    connection.register("given", rows)
    connection.execute('CREATE TABLE t AS SELECT CAST("at" AS DATE) AS "at", x FROM given')
    declared = CubeDeclaration.model_validate(
        {
            "name": "t",
            "tables": {"t": "t"},
            "fact": "t",
            "dimensions": {"time": {"time": {"column": "t.at"}}},
            "measures": {"x": {"kind": kind, "column": "t.x"}},
        }
    )
    return Cube(declared, connection).view.rows("time.month")


def test_a_straight_line_goes_on():
    trend = forecast(series([10.0 * i for i in range(1, 25)]), "x", 3)
    ahead = trend.frame.tail(3)
    assert ahead["forecast"].tolist() == pytest.approx([250, 260, 270], rel=0.01)
    assert ahead["period"].tolist() == ["2022-02", "2022-03", "2022-04"]
    assert (ahead["low"] <= ahead["forecast"]).all()
    assert (ahead["forecast"] <= ahead["high"]).all()


def test_the_interval_holds_about_as_often_as_it_says():
    rng = np.random.default_rng(7)
    held = []
    for _ in range(14):
        noise = rng.normal(100, 10, 31)
        ahead = forecast(series(noise[:30]), "x", 1, level=0.8).frame.iloc[-1]
        held.append(ahead["low"] <= noise[30] <= ahead["high"])
    assert 0.5 <= np.mean(held) < 1


def test_months_without_rows_count_as_zero_for_sums_and_are_told():
    values = [5.0, 6, 5, None, 5, 6, 5, 6]
    trend = forecast(series(values), "x", 1)
    assert trend.frame["observed"].tolist()[3] == 0
    assert trend.notes == ("1 periods without rows count as 0",)
    with pytest.raises(DataError, match="'x' has no value in 2020-05"):
        forecast(series(values, kind="average"), "x", 1)


def test_trends_that_cannot_be_made_are_refused():
    with pytest.raises(DataError, match="at least 6 periods; there are 3"):
        forecast(series([1.0, 2, 3]), "x", 1)
    with pytest.raises(ConfigError, match="1 to 1000 periods ahead but got 0"):
        forecast(series([1.0] * 9), "x", 0)
    with pytest.raises(ConfigError, match="between 0 and 1 but got 2"):
        forecast(series([1.0] * 9), "x", 1, level=2)


@pytest.mark.parametrize("level", ["year", "quarter", "month", "week", "day"])
def test_every_period_has_the_name_of_its_number(level):
    values = {"year": 2024, "quarter": 4, "month": 12, "week": "2024-W52", "day": "2024-12-29"}
    names = {"year": "2024", "quarter": "2024-Q4", "month": "2024-12", "week": "2024-W52"}
    number = period_number(level, values)
    assert period_name(level, number) == names.get(level, values[level])
    assert period_number(level, dict.fromkeys(values)) is None


# -- share of wallet ----------------------------------------------------------------------------

WALLET = {"own": "sales", "customer": "who.name", "peers": "product.family", "quantile": 0.5}


def wallet_dimensions():
    return {
        "who": {"levels": {"name": "lines.customer"}},
        "product": {"levels": {"family": "goods.family"}},
    }


def test_an_estimate_is_called_one(shop):
    cube = shop(dimensions=wallet_dimensions(), wallet=WALLET)
    found = wallet_share(cube.view)
    assert found.estimated
    assert found.frame["estimated"].all()
    assert found.notes[0].startswith("ESTIMATE")
    # Drink: ann 10.1, bob 6.15, cat 20.2, dan 3.3, median 8.125; Food: ann 2.2, cat 4.4
    assert found.frame["customers"].item() == 4
    need = (10.1 + 8.125 + 20.2 + 8.125) + (3.3 + 4.4)
    assert found.frame["need"].item() == pytest.approx(need)
    assert found.frame["wallet_share"].item() == pytest.approx(46.35 / need)


def test_a_need_in_the_data_is_no_estimate(shop):
    wallet = {"own": "cost", "need": "sales", "customer": "who.name"}
    cube = shop(dimensions=wallet_dimensions(), wallet=wallet)
    found = wallet_share(cube.view.rows("product.family"))
    assert not found.estimated
    assert found.frame["wallet_share"].tolist() == pytest.approx([16 / 39.75, 3 / 6.6])


def test_wallets_of_small_groups_are_hidden(shop):
    cube = shop(
        dimensions=wallet_dimensions(),
        measures={
            "sales": {"kind": "sum", "column": "lines.amount"},
            "who_many": {"kind": "distinct", "column": "lines.customer"},
        },
        wallet=WALLET,
        privacy={"min_group": 3, "count": "who_many"},
    )
    found = wallet_share(cube.view.rows("product.family"))
    drink, food = found.frame.to_dict("records")
    assert drink["customers"] == 4
    assert np.isnan([food["customers"], food["own"], food["need"], food["wallet_share"]]).all()
    assert "1 groups are hidden: fewer than 3 customers" in found.notes


def test_a_cube_without_a_wallet_says_what_is_missing(cube):
    with pytest.raises(ConfigError, match="the cube declares no wallet"):
        wallet_share(cube.view)


# -- small groups -------------------------------------------------------------------------------


def private(least):
    rng = np.random.default_rng(3)
    lines = pd.DataFrame(
        {
            "region": rng.choice(["n", "s", "w"], 120, p=[0.6, 0.35, 0.05]),
            "kind": rng.choice(["a", "b", "c"], 120),
            "who": rng.integers(0, 60, 120).astype(str),
            "amount": 1.0,
        }
    )
    connection = duckdb.connect()
    connection.register("given", lines)
    connection.execute("CREATE TABLE t AS SELECT * FROM given")
    declared = CubeDeclaration.model_validate(
        {
            "name": "p",
            "tables": {"t": "t"},
            "fact": "t",
            "dimensions": {
                "region": {"levels": {"name": "t.region"}},
                "kind": {"levels": {"name": "t.kind"}},
            },
            "measures": {
                "amount": {"kind": "sum", "column": "t.amount"},
                "who": {"kind": "distinct", "column": "t.who"},
            },
            "privacy": {"min_group": least, "count": "who"},
        }
    )
    return Cube(declared, connection)


def test_small_groups_are_hidden_and_cannot_be_found_by_subtraction():
    view = private(10).view.rows("region.name").columns("kind.name").measures("amount").totals()
    result = view.result()
    open_view = private(1).view.rows("region.name").columns("kind.name").totals()
    truth = open_view.result().frame
    assert result.frame["amount"].isna()[truth["who"] < 10].all()
    pivot = result.pivot().to_numpy()
    hidden = np.isnan(pivot)
    assert hidden.any()
    # a row or a column that shows its total hides no part or at least two
    for side in (hidden, hidden.T):
        for line in side:
            assert line[-1] or line[:-1].sum() != 1
    assert "cells are hidden: fewer than 10 who" in result.notes[0]


def test_comparisons_do_not_tell_what_is_hidden():
    view = private(10).view.rows("region.name").columns("kind.name").measures("amount").totals()
    view = view.share_of_parent("amount").rank("amount").what_if("x: amount * 2")
    frame = view.result().frame
    small = frame["hidden"]
    assert small.any()
    columns = ["amount", "amount share", "amount rank", "amount [x]", "amount [x] difference"]
    assert frame.loc[small, columns].isna().all(axis=None)


def test_nothing_is_hidden_where_all_groups_are_large():
    result = private(1).view.rows("region.name").result()
    assert not result.frame["hidden"].any()
    assert result.notes == ()


def people():
    """Forty buyers in two towns that are large enough, three in a third, and who never bought."""
    connection = duckdb.connect()
    connection.execute("""
        CREATE TABLE t AS SELECT 'c' || i AS who, 1.0 AS amount,
            CASE WHEN i < 20 THEN 'Bath' WHEN i < 40 THEN 'Hull' ELSE 'Ely' END AS town
        FROM range(43) AS r(i)
    """)
    connection.execute("CREATE TABLE p AS SELECT who, who AS name FROM t UNION SELECT 'x', 'x'")
    declared = {
        "name": "p",
        "tables": {"t": "t", "p": "p"},
        "fact": "t",
        "joins": [{"from": "t.who", "to": "p.who"}],
        "dimensions": {
            "town": {"levels": {"name": "t.town"}},
            "customer": {"levels": {"id": "p.name"}},
        },
        "measures": {
            "amount": {"kind": "sum", "column": "t.amount"},
            "who": {"kind": "distinct", "column": "t.who"},
        },
    }
    return declared, connection


def small(least=10):
    declared, connection = people()
    privacy = {"min_group": least, "count": "who"}
    return Cube(CubeDeclaration.model_validate({**declared, "privacy": privacy}), connection)


def test_members_that_stand_for_few_are_not_listed():
    assert small().members("town") == ["Bath", "Hull"]
    assert small().members("customer") == []
    assert small(1).members("town") == ["Bath", "Ely", "Hull"]
    assert len(small(1).members("customer")) == 44


def test_an_unknown_member_is_not_answered_with_the_name_of_a_person():
    with pytest.raises(ConfigError) as caught:
        small().view.rows("town.name").slice(customer="c4x")
    assert "c4x" in str(caught.value)
    assert not any(f"'c{i}'" in str(caught.value) for i in range(43))


def test_a_view_of_single_persons_names_nobody():
    result = small().view.rows("customer.id").measures("amount").totals().result()
    assert result.frame["customer.id"].isna().all()
    assert result.frame["amount"].tolist() == [43.0]
    assert "43 cells are hidden" in result.notes[0]
    alone = small().view.rows("town.name", "customer.id").measures("amount").result()
    assert len(alone) == 0
    assert alone.pivot().size == 0
    assert alone.to_json()["cells"] == []


@pytest.mark.parametrize("kind", ["min", "max"])
def test_the_extreme_value_of_a_single_person_is_refused(kind):
    declared, connection = people()
    declared["measures"]["edge"] = {"kind": kind, "column": "t.amount"}
    declared["privacy"] = {"min_group": 10, "count": "who"}
    with pytest.raises(ConfigError, match=f"a {kind} is the value of a single one"):
        Cube(CubeDeclaration.model_validate(declared), connection)
    declared["privacy"] = {"min_group": 1, "count": "who"}
    Cube(CubeDeclaration.model_validate(declared), connection)
