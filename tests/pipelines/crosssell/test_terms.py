"""The configuration reaches the stages as plain values."""

import pytest
import yaml

from pipelines.config import load
from pipelines.crosssell import terms

LINES = {
    "kind": "csv",
    "path": "${SHOP_FOLDER:-data}/l.csv",
    "columns": {"customer_id": "c", "item_id": "i", "ordered_at": "t"},
}


@pytest.fixture
def config(tmp_path):
    def build(**changes):
        path = tmp_path / "a.yaml"
        path.write_text(
            yaml.safe_dump({"kind": "cross-sell", "name": "x", "sources": [LINES], **changes})
        )
        return load(path)

    return build


@pytest.mark.parametrize(("owned", "scope"), [(True, "new"), (False, "all")])
def test_the_scope_follows_from_the_policy(config, owned, scope):
    given = config(policy={"exclude_owned": owned})
    assert terms.settings(given).scope == scope
    assert terms.list_spec(given).exclude_owned == owned


@pytest.mark.parametrize(
    ("money", "limit"),
    [
        ({}, None),
        ({"capacity": 7}, 7),
        ({"budget": 1.0, "contact_cost": 0.1}, 10),
        ({"budget": 1.05, "contact_cost": 0.1}, 10),
        ({"budget": 1.0, "contact_cost": 0.1, "capacity": 4}, 4),
        ({"budget": 0.3, "contact_cost": 0.1, "capacity": 4}, 3),
        ({"budget": 1.0, "contact_cost": 0.0}, None),
        ({"budget": 0.0, "contact_cost": 0.5}, 0),
    ],
)
def test_contacts_are_bounded_by_the_capacity_and_by_what_the_budget_pays(config, money, limit):
    assert terms.list_spec(config(economics=money)).policy.max_contacts == limit


def test_the_control_group_is_drawn_by_name_and_seed(config):
    assert terms.list_spec(config(seed=4)).experiment == "x-4"


def test_a_bundle_knows_how_to_read_raw_data_and_no_secret(config, monkeypatch):
    monkeypatch.setenv("SHOP_FOLDER", "hush")
    meta = terms.bundle_meta(config())
    (source,) = meta["sources"]
    assert source["columns"]["customer_id"]
    assert "hush" not in str(meta)
    assert meta["window"]["observe"] == 730


def test_candidates_keep_names_parameters_and_what_may_be_tuned(config):
    given = [
        {"kind": "rules", "name": "strict", "params": {"min_count": 9}, "tune": ["min_confidence"]},
        {"kind": "popularity", "tune": False},
    ]
    strict, popular = terms.candidates(config(candidates=given))
    assert (strict.name, strict.kind, strict.params) == ("strict", "rules", {"min_count": 9})
    assert list(strict.space) == ["min_confidence"]
    assert (popular.name, popular.space) == ("popularity", {})
