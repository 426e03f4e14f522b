"""What is read of customers, and what is left out and said."""

import numpy as np
import pandas as pd
import pytest

from features.sources.spec import CsvSource
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from pipelines.config.value_classes import ClassEvaluation, ClassNetwork, ValueClasses
from pipelines.valueclasses.clients import read_cases
from pipelines.valueclasses.example import CLASSES, invent
from pipelines.valueclasses.judging import judge


@pytest.fixture
def read(tmp_path):
    """Give a function that reads a table of customers."""

    def asked(table, **data):
        path = tmp_path / "clients.csv"
        table.to_csv(path, index=False)
        source = {
            "kind": "csv",
            "name": "clients",
            "table": "own:clients",
            "path": str(path),
            "columns": {"company": "company"},
            "all_columns": True,
        }
        told = {"table": "own:clients", "id": "company", "target": "value_class", **data}
        tree = {"kind": "value-classes", "name": "v", "sources": [source], "data": told}
        config = ValueClasses.model_validate(tree, strict=False)
        with Warehouse.open(None) as warehouse:
            warehouse.add([CsvSource.model_validate(source)])
            return read_cases(config, warehouse)

    return asked


def test_constant_empty_and_name_columns_are_left_out_and_said(read):
    clients = invent()[0]
    texts = [f"p{place}@example.org" for place in range(len(clients))]
    cases = read(clients.assign(same=1.0, nothing=np.nan, contact=texts))
    assert not {"same", "nothing", "contact"} & set(cases.table)
    notes = "\n".join(cases.notes)
    assert "indicator 'same' was left out: it is the same for all" in notes
    assert "indicator 'nothing' was left out: it is the same for all" in notes
    assert "'contact' was left out: it looks like a name: 40 different values in 40 customers" in (
        notes
    )


def test_ten_thousand_categories_are_a_name(read):
    many = pd.concat([invent(10_000, 1)[0]], ignore_index=True)
    street = [f"street {place}" for place in range(len(many))]
    cases = read(many.assign(street=street))
    assert any("'street' was left out: it looks like a name: 10,000" in n for n in cases.notes)
    assert "credit_record" in cases.table


def test_what_may_be_a_few_levels_stays(read):
    clients = invent()[0].assign(region=["North", "South"] * 20)
    assert "region" in read(clients).table


def test_more_indicators_than_customers_are_judged_soberly(read):
    clients = invent()[0]
    random = np.random.default_rng(0)
    wide = pd.DataFrame(random.normal(size=(40, 80)).round(3)).add_prefix("x")
    cases = read(pd.concat([clients[["company", "value_class"]], wide], axis=1))
    assert cases.table.shape == (40, 80)
    how, network = ClassEvaluation(folds=2, repeats=1), ClassNetwork(members=1)
    board = judge(cases.table, cases.labels, CLASSES, network, how, 0).board
    right = board.set_index("candidate")["right"]
    assert right["network"] < 0.7  # noise: not learned by heart
    assert np.isfinite(right).all()


def test_customers_in_any_order_are_read_alike(read):
    clients = invent()[0]
    straight, turned = read(clients), read(clients.iloc[::-1])
    assert straight.ids.tolist() == turned.ids.tolist() == sorted(clients["company"])
    pd.testing.assert_frame_equal(straight.table, turned.table)
    assert straight.labels.tolist() == turned.labels.tolist()


def test_prospects_that_lack_an_indicator_are_refused(read):
    with pytest.raises(DataError, match="there is no column 'credit'"):
        read(invent()[0], drop=("credit",))
