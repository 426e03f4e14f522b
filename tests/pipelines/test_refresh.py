import pytest

from lodeworks.errors import BundleError, ConfigError
from pipelines.refresh import refresh
from pipelines.run import run


@pytest.fixture
def champion(prepared):
    """Run a small job, whose winner becomes champion."""
    candidates = [{"kind": "popularity"}, {"kind": "rules", "tune": False}]
    config = prepared(candidates=candidates)
    return run(config), config


def test_the_champions_configuration_is_run_again(champion, tmp_path):
    first, config = champion
    workspace = tmp_path / "workspace"
    again = refresh(f"models:/{config.name}@champion", workspace=workspace)
    assert again.exit_code == 0
    assert again.before == first.run_id
    assert again.after != first.run_id
    assert again.run.winner == first.winner
    assert again.differences is not None
    told = again.to_dict()
    assert told["refreshed_from"] == first.run_id
    assert told["knowledge"]["before"] == first.run_id
    assert f"What changed since {first.run_id}" in again.text()
    changes = {one["change"] for one in told["knowledge"]["changes"]}
    assert "new" not in changes
    assert "gone" not in changes


def test_what_cannot_be_refreshed_is_named(champion, tmp_path):
    workspace = tmp_path / "workspace"
    with pytest.raises(BundleError, match=r"no registered model .shp..*shop"):
        refresh("models:/shp@champion", workspace=workspace)
    with pytest.raises(ConfigError, match="give the address of a registered model"):
        refresh("somewhere", workspace=workspace)
