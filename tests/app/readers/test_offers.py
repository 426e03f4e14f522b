"""Lists read in parts."""

import json

import numpy as np
import pandas as pd
import pytest

from app.readers.offers import (
    CURVE_POINTS,
    figures_of,
    list_rows,
    measured,
    offers_to,
    promised_curve,
    rows_with_evidence,
)
from app.readers.runs import RunStore
from pipelines.lists.writer import write_list


@pytest.fixture
def path(workspace, kit):
    return workspace / "runs" / kit.LATE / "list.parquet"


def test_a_list_in_figures(path):
    found = figures_of(path)
    groups = found.groups.set_index("group")
    assert groups.loc["target"].tolist() == [3, 4]
    assert groups.loc["control"].tolist() == [1, 1]
    assert found.items["item_id"].tolist() == ["P1001", "P1002", "P1003"]
    assert found.items["customers"].tolist() == [2, 1, 1]
    assert found.items["expected_profit"].tolist() == [4.5, 1.0, 0.5]
    assert found.segments["segment"].tolist() == ["small", "top"]
    assert not {"customer_id"} & {*found.items, *found.segments, *found.reasons, *found.groups}


def test_the_curve_adds_up_the_best_customers_first_without_controls(path):
    curve = promised_curve(path)
    assert curve["customers"].tolist() == [1, 2, 3]
    assert curve["expected_profit"].tolist() == [4.0, 5.5, 6.0]


def test_a_long_curve_is_thinned_and_ends_with_the_whole_list(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"customer_id": [f"K{n}" for n in range(5_003)]})
    frame = frame.assign(group="target", expected_profit=rng.normal(size=len(frame)))
    frame.to_parquet(tmp_path / "list.parquet")
    curve = promised_curve(tmp_path / "list.parquet")
    assert len(curve) <= CURVE_POINTS + 12
    assert curve["customers"].iloc[[0, -1]].tolist() == [1, 5_003]
    ordered = np.sort(frame["expected_profit"])[::-1].cumsum()
    np.testing.assert_allclose(curve["expected_profit"], ordered[curve["customers"] - 1])


def test_rows_come_in_parts(path):
    together = [list_rows(path, offset, 2)[0] for offset in (0, 2, 4)]
    assert [len(frame) for frame in together] == [2, 2, 1]
    assert pd.concat(together)["customer_id"].tolist() == [
        "K1000001", "K1000001", "K1000002", "K1000003", "K1000004"
    ]  # fmt: skip
    assert list_rows(path, 0, 0)[1] == 5


def test_a_csv_list_is_read_alike(path, tmp_path):
    frame = pd.read_parquet(path).assign(customer_id=["007", "007", "08", "09", "10"])
    write_list([frame], tmp_path / "list.csv")
    rows, total = list_rows(tmp_path / "list.csv", 0, 2)
    assert (rows["customer_id"].tolist(), total) == (["007", "007"], 5)
    assert promised_curve(tmp_path / "list.csv")["expected_profit"].tolist() == [4.0, 5.5, 6.0]


def test_a_path_with_a_quote_is_read(path, tmp_path):
    folder = tmp_path / "it's"
    folder.mkdir()
    copy = folder / "list.parquet"
    copy.write_bytes(path.read_bytes())
    assert list_rows(copy, 0, 1)[1] == 5


def test_offers_to_a_customer_the_newest_list_first(workspace, kit):
    runs = RunStore(workspace / "runs").all()
    found = offers_to("K1000001", runs)
    assert [run.id for run, _ in found] == [kit.LATE, kit.EARLY]
    assert found[0][1]["item_id"].tolist() == ["P1001", "P1002"]
    assert offers_to("x' OR 1=1 --", runs) == []


def test_a_list_that_breaks_or_goes_is_passed_over(workspace, kit):
    runs = RunStore(workspace / "runs").all()
    (workspace / "runs" / kit.LATE / "list.parquet").write_bytes(b"no")
    assert [run.id for run, _ in offers_to("K1000001", runs)] == [kit.EARLY]


def test_rows_that_name_a_reason_are_counted(path):
    assert rows_with_evidence(path, ["rule:A>P1001"]) == (3, 3)
    assert rows_with_evidence(path, ["rule:A>P1001", "popular:P1002"]) == (4, 3)
    assert rows_with_evidence(path, ["none"]) == (0, 0)


def test_a_measurement_beside_the_list_is_found(path):
    assert measured(path) is None
    folder = path.with_name("list.measured")
    folder.mkdir()
    (folder / "measure.json").write_text("{")
    assert measured(path) is None
    (folder / "measure.json").write_text(json.dumps({"headline": "It paid."}))
    assert measured(path)["headline"] == "It paid."
