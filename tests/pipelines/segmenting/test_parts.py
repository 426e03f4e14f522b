"""The parts of the question on tables made by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import BundleError, DataError
from models.segments import AttributeSpace, MixtureSegments, create_segmenter, describe_segments
from pipelines.config.segments import Attributes, SegmentClasses, Worth
from pipelines.segmenting.cards import cards_of, top_items
from pipelines.segmenting.drafts import segment_drafts
from pipelines.segmenting.moves import NOT_ACTIVE, moves_of_classes, moves_of_segments
from pipelines.segmenting.people import People, chosen
from pipelines.segmenting.schemes import Schemes, money_of, returns_by, value_by_need
from pipelines.segmenting.segmentation import Segmentation, read_segmentation, write_segmentation


def people(n=40, **columns):
    index = pd.Index([f"c{k:02}" for k in range(n)], name="customer_id")
    spend = np.where(np.arange(n) < n // 4, 1000.0, 10.0) + np.arange(n)
    frame = pd.DataFrame({"monetary": spend, "frequency": 2.0, **columns}, index=index)
    return People(frame, date(2024, 1, 31), index)


def schemes(given, worth=None, **classes):
    """Fit the classes beside the segments."""
    return Schemes.fit(given, worth or Worth(), SegmentClasses(**classes))


def fitted(given, kind="kmeans", ids=(7, 9)):
    space = AttributeSpace().fit(given.attributes[["monetary"]])
    segmenter = create_segmenter(kind, k=2).fit(space.transform(given.attributes[["monetary"]]))
    names = {ids[0]: "small", ids[1]: "large"}
    return Segmentation(("monetary",), space, segmenter, kind, ids, names, max(ids))


def test_money_is_margin_less_costs():
    worth = Worth(margin=0.1, cost_per_order=2.0, cost_per_customer=3.0)
    money = money_of(people(), worth)
    assert money.profit.iloc[0] == pytest.approx(100 - 4 - 3)
    assert (money.cost == 7.0).all()
    assert money_of(people(), Worth(value=None)) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [("monetry", "did you mean 'monetary'"), ("land", "'land' holds no numbers")],
)
def test_money_needs_a_column_of_numbers(value, message):
    with pytest.raises(DataError, match=message):
        money_of(people(land="UK"), Worth(value=value))


def test_a_criterion_that_is_not_there_is_told():
    with pytest.raises(DataError, match=r"worth\.weights: no numbers to weigh in the columns age"):
        schemes(people(), Worth(weights={"age": 1.0}))


def test_schemes_are_those_that_the_data_allow():
    given = people()
    nothing = schemes(given, Worth(value=None))
    assert list(nothing.predict(given)) == []
    assert (nothing.columns, nothing.outputs) == ((), {})
    assert list(schemes(given).predict(given)) == ["pyramid", "abc"]
    more = people(recency_days=np.arange(40.0), active_months=np.arange(40.0))
    fitted = schemes(more, Worth(weights={"monetary": 1.0}))
    found = fitted.predict(more)
    assert list(found) == list(fitted.outputs)
    assert list(found) == ["rfm", "rfm_name", "pyramid", "abc", "portfolio", "score"]
    assert found["portfolio"].nunique() > 1


def test_what_a_level_returns_sums_to_all():
    money = money_of(people(), Worth(margin=0.5, cost_per_customer=10.0))
    levels = schemes(people()).predict(people())["pyramid"]
    table = returns_by(levels, money)
    assert table["customers"].sum() == 40
    assert table["profit"].sum() == pytest.approx(money.profit.sum())
    assert (table["roi"] == table["profit"] / table["cost"]).all()


def test_value_by_need_counts_everybody_once():
    given = people()
    money = money_of(given, Worth())
    levels = schemes(given).predict(given)["pyramid"]
    need = pd.Series(np.where(np.arange(40) % 2, "home", "gifts"), given.attributes.index)
    table = value_by_need(levels, need, money)
    assert table["customers"].sum() == 40
    assert table["value"].sum() == pytest.approx(money.value.sum())


def test_chosen_attributes_keep_the_order_that_was_asked_for():
    given = people(age=np.arange(40.0))
    assert chosen(given, Attributes(include=["age", "monetary"])) == ["age", "monetary"]
    assert chosen(given, Attributes(exclude=["age"])) == ["monetary", "frequency"]


def test_everybody_is_assigned_by_number_and_name():
    given = people()
    table = fitted(given).assign(given.attributes)
    assert table["segment"].value_counts().to_dict() == {7: 30, 9: 10}
    assert set(table.loc[table["segment"] == 9, "name"]) == {"large"}
    assert (table["distance"] >= 0).all()
    assert "probability" not in table


def test_a_mixture_tells_probabilities_and_parts_do_not_change_them(monkeypatch):
    given = people()
    rule = fitted(given, "mixture")
    assert isinstance(rule.segmenter, MixtureSegments)
    whole = rule.assign(given.attributes)
    assert whole["probability"].between(0.5, 1).all()
    monkeypatch.setattr("pipelines.segmenting.segmentation.ROWS", 7)
    in_parts = rule.assign(given.attributes)
    assert in_parts.index.equals(whole.index)
    assert in_parts["segment"].tolist() == whole["segment"].tolist()
    assert in_parts["probability"].to_numpy() == pytest.approx(whole["probability"].to_numpy())


@pytest.mark.parametrize("kind", ["kmeans", "medoids", "conceptual", "mixture", "density"])
def test_a_bundle_gives_equal_segments(kind, tmp_path):
    given = people()
    rule = fitted(given, kind)
    write_segmentation(tmp_path / "bundle", rule, pd.DataFrame({"segment": [7, 9]}), META)
    again, meta, cards = read_segmentation(tmp_path / "bundle")
    pd.testing.assert_frame_equal(again.assign(given.attributes), rule.assign(given.attributes))
    assert (again.ids, again.used, dict(again.names)) == (rule.ids, 9, dict(rule.names))
    assert meta["name"] == "x"
    assert len(cards) == 2


META = {"kind": "segments", "name": "x"}


def test_equal_bundles_have_equal_bytes(tmp_path):
    for name in ("a", "b"):
        cards = pd.DataFrame({"segment": [7, 9]})
        write_segmentation(tmp_path / name, fitted(people()), cards, META)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert files
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_bundle_of_another_kind_is_refused(tmp_path):
    cards = pd.DataFrame({"segment": [7, 9]})
    write_segmentation(tmp_path / "x", fitted(people()), cards, {"kind": "uplift"})
    with pytest.raises(BundleError, match="a bundle of the kind 'uplift', not 'segments'"):
        read_segmentation(tmp_path / "x")


def test_items_that_a_segment_buys_more_than_others():
    segment = pd.Series({f"c{k:02}": 1 if k < 20 else 2 for k in range(40)})
    rows = [(f"c{k:02}", "tea") for k in range(20)]
    rows += [(f"c{k:02}", "milk") for k in range(40)]
    rows += [("c01", "rare"), ("zz", "tea")]
    bought = pd.DataFrame(rows, columns=["customer_id", "item_id"])
    found = top_items(bought, segment, pd.Series({"tea": "Green tea"}))
    assert found == {1: ["Green tea"], 2: []}


def test_what_is_bought_by_chance_is_nothing_special():
    """300 items, bought by one customer in twelve, whichever the segment."""
    told = 0
    for seed in range(10):
        random = np.random.default_rng(seed)
        names = np.array([f"c{k:03}" for k in range(400)])
        segment = pd.Series(random.integers(1, 5, 400), index=names)
        who, item = np.nonzero(random.uniform(size=(400, 300)) < 1 / 12)
        bought = pd.DataFrame({"customer_id": names[who], "item_id": item.astype(str)})
        found = top_items(bought, segment, pd.Series(dtype=object), most=300)
        told += sum(map(len, found.values()))
    # Of 12,000 looks; without the correction some hundreds would be told.
    assert told <= 3


def test_cards_name_what_is_bought_and_say_so_when_nothing_is_special():
    given = people()
    rows = [(who, "tea") for who in given.attributes.index[:10]]
    bought = pd.DataFrame(rows, columns=["customer_id", "item_id"])
    given = People(given.attributes, given.as_of, given.known, bought)
    segment = fitted(given).assign(given.attributes)["segment"]
    names = {7: "small", 9: "large"}
    cards, rules, described = cards_of(given, segment, names, None, pd.Series(dtype=object))
    assert cards.set_index("segment")["buys"].to_dict() == {7: "nothing special", 9: "tea"}
    assert "value" not in cards
    assert rules.accuracy_ == 1.0
    assert set(described["attribute"]) == {"monetary", "frequency"}


def test_moves_count_those_who_stay_come_and_rest():
    after = people()
    before = People(after.attributes.iloc[:30], date(2023, 12, 31), after.known[:35])
    rule = fitted(after)
    moves = moves_of_segments(before, after, rule, min_group=1)
    assert moves.matrix.loc["9 large", "9 large"] == 10
    assert moves.matrix.loc[NOT_ACTIVE, "7 small"] == 5
    assert moves.matrix.loc["new", "7 small"] == 5
    assert moves.matrix.to_numpy().sum() == 40
    levels = moves_of_classes(before, after, schemes(after), "pyramid", min_group=1)
    assert levels.flows["closing"].sum() == 40
    assert levels.matrix.loc["inactive"].sum() == 5
    abc = moves_of_classes(before, after, schemes(after), "abc", min_group=1)
    # 9 of the ten who spent over 1,000 bring 80 % of all; they were there before.
    assert abc.flows.loc["A", ["opening", "stayed", "closing"]].tolist() == [9, 9, 9]
    assert abc.matrix.loc["new"].sum() == 5
    assert abc.matrix.loc["new", "A"] == 0


def test_drafts_tell_shown_segments_only():
    given = people()
    segment = fitted(given).assign(given.attributes)["segment"]
    described = describe_segments(given.attributes, segment)
    cards = pd.DataFrame(
        {
            "segment": [7, 9],
            "customers": [30.0, np.nan],
            "share": [0.75, np.nan],
            "profit": [5.0, 1],
        }
    )
    (draft,) = segment_drafts(cards, described, "kmeans-2", "GBP")
    assert draft.pattern == {"segment": 7, "traits": {"monetary": "much-lower"}}
    assert draft.touches == {"segment": "7"}
    assert (draft.money, draft.evidence.value) == (5.0, 0.75)
