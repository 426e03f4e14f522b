"""Parts of the question of value: drafts of findings, and files of new data."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import ConfigError
from pipelines.config.sections import Privacy
from pipelines.config.value import ValueEconomics, ValueQuestion
from pipelines.questions.new_data import sources_of, write_table
from pipelines.valuing.page import _told_of_many
from pipelines.valuing.records import class_drafts

DECLARED = [
    {
        "kind": "csv",
        "name": "orders",
        "table": "lines",
        "path": "orders.csv",
        "columns": {"customer_id": "c", "order_id": "o", "item_id": "i", "ordered_at": "d"},
    }
]


def asked(least=1, **economics):
    return ValueQuestion.model_construct(
        economics=ValueEconomics(**economics), privacy=Privacy(min_group=least)
    )


def test_small_classes_are_no_findings_nor_told_by_what_is_left():
    sizes = {"top": 3, "large": 12, "medium": 40, "small": 200}
    names = [name for name, size in sizes.items() for _ in range(size)]
    customers = pd.DataFrame({"value_class": names, "lifetime_value": 1.0})
    told = {draft.pattern["class"] for draft in class_drafts(customers, asked(10), "nbd")}
    # Of the total, 255, one hidden class alone could be told by subtraction.
    assert told == {"medium", "small"}
    assert len(class_drafts(customers, asked(3), "nbd")) == 4


def test_months_that_tell_on_few_are_blank():
    monthly = pd.DataFrame(
        {"profit": [5.0, 90.0, 80.0], "customers": [4, 50, 60], "losing": [1, 3, 20]},
        index=pd.Index(["2011-01", "2011-02", "2011-03"], name="period"),
    )
    shown = _told_of_many(monthly, 10)
    assert shown.loc["2011-01"].isna().all()
    assert shown["profit"].tolist()[1:] == [90.0, 80.0]
    assert np.isnan(shown.loc["2011-02", "losing"])
    assert shown.loc["2011-03", "losing"] == 20


def test_every_class_is_a_finding_with_its_money():
    config = asked(currency="USD", horizon=365)
    customers = pd.DataFrame(
        {"value_class": ["top", "small", "small", "small"], "lifetime_value": [70.0, 10, 10, 10]}
    )
    drafts = {draft.pattern["class"]: draft for draft in class_drafts(customers, config, "bg-nbd")}
    assert set(drafts) == {"top", "small"}
    top = drafts["top"]
    assert (top.kind, top.money, top.currency, top.source) == ("value-class", 70, "USD", "bg-nbd")
    assert (top.evidence.support, top.evidence.value) == (0.25, 0.7)
    assert "1 customers (25.0%), worth 70.00 USD each over 365 days" in top.words.values["en"]


def test_customers_worth_nothing_carry_nothing():
    config = asked()
    customers = pd.DataFrame({"value_class": ["inactive"], "lifetime_value": [0.0]})
    assert class_drafts(customers, config, "nbd")[0].evidence.value == 0.0


def test_files_are_read_by_the_name_of_source_or_table():
    for name in ("orders", "lines"):
        found = sources_of(DECLARED, {name: [Path("a.csv"), Path("b.csv")]})
        assert [(one.name, one.path) for one in found] == [
            ("orders", "a.csv"),
            ("orders-2", "b.csv"),
        ]


def test_the_only_source_needs_no_name():
    own = [{**DECLARED[0], "table": "own:visits", "columns": {"who": "who"}}]
    assert sources_of(own, {"lines": [Path("a.csv")]})[0].path == "a.csv"
    assert sources_of(own, {"visits": [Path("a.csv")]})[0].path == "a.csv"


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ConfigError, match="does not know"):
        sources_of(DECLARED, {"order": [Path("a.csv")]})


def test_formulas_are_harmless_in_text_and_untouched_in_parquet(tmp_path):
    table = pd.DataFrame({"customer_id": ["=1+1", "@b", "c"], "value": [-1.0, 2.0, 3.0]})
    write_table(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines()[1:] == ["'=1+1,-1.0", "'@b,2.0", "c,3.0"]
    write_table(table, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), table)
