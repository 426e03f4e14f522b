import pytest
import yaml

from pipelines.config import load, public, resolved

LINES = "{kind: csv, path: /d/l.csv, columns: {customer_id: c, item_id: i, ordered_at: t}}"
TEXT = f"kind: cross-sell\nname: x\nsources: [{LINES}]\n"


def written(tmp_path, text, environ=None):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    return load(path, environ=environ or {})


def test_the_text_is_the_same_each_time_and_loads_to_the_same(tmp_path):
    first = written(tmp_path, TEXT)
    text = resolved(first)
    again = written(tmp_path, text)
    assert again == first
    assert resolved(again) == text


def test_secrets_are_shown_as_they_were_written(tmp_path):
    text = TEXT + "tracking: {uri: 'db://${PASSWORD}@h', experiment: '${NAME:-n}'}\n"
    config = written(tmp_path, text, {"PASSWORD": "s3cret"})
    assert "s3cret" not in resolved(config)
    assert public(config)["tracking"] == {"uri": "db://${PASSWORD}@h", "experiment": "n"}


def test_the_original_order_of_the_secrets_file_does_not_matter_for_loading_again(tmp_path):
    environ = {"PASSWORD": "s3cret"}
    config = written(tmp_path, TEXT + "tracking: {uri: '${PASSWORD}'}\n", environ)
    assert written(tmp_path, resolved(config), environ) == config


def test_a_literal_mark_survives(tmp_path):
    config = written(tmp_path, TEXT + "tracking: {experiment: 'a$${b}'}\n")
    assert config.tracking.experiment == "a${b}"
    assert written(tmp_path, resolved(config)).tracking.experiment == "a${b}"


def test_texts_that_look_like_other_values_stay_texts(tmp_path):
    look_alikes = [
        "yes",
        "1e5",
        "007",
        "null",
        "2011-11-08",
        "12:30",
        "true",
        "0x1",
        ".5",
        "~",
        "7",
    ]
    for text in look_alikes:
        config = written(tmp_path, TEXT + f"tracking: {{experiment: '{text}'}}\n")
        assert written(tmp_path, resolved(config)).tracking.experiment == text


def test_what_is_not_stated_of_a_source_is_left_out_and_defaults_elsewhere_are_shown(tmp_path):
    values = yaml.safe_load(resolved(written(tmp_path, TEXT)))
    assert "returns" not in values["sources"][0]
    assert next(iter(values["sources"][0])) == "kind"
    assert values["economics"]["budget"] is None
    assert values["promotion"]["register"] is True


def test_a_password_written_into_an_address_is_not_shown(tmp_path):
    from pipelines.config import load, public, resolved

    path = tmp_path / "shop.yaml"
    path.write_text(
        "kind: cross-sell\nname: x\n"
        "sources:\n  - {kind: csv, path: l.csv, columns: "
        "{customer_id: c, item_id: i, ordered_at: t}}\n"
        "tracking: {uri: 'postgresql://me:hush@db/mlflow'}\n"
    )
    config = load(path)
    assert config.tracking.uri == "postgresql://me:hush@db/mlflow"
    assert "hush" not in resolved(config)
    assert public(config)["tracking"]["uri"] == "postgresql://***@db/mlflow"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hush@db/shop", "postgresql://***@db/shop"),
        ("postgresql://me:hu/sh@db/shop", "postgresql://***@db/shop"),
        ("postgresql://me:hu@sh@db/shop", "postgresql://***@db/shop"),
        ("postgresql://db/shop?user=me&password=hush", "postgresql://db/shop?***"),
        ("postgresql://me:hu?sh@db/shop", "postgresql://***"),
        ("${NONE:-postgresql://me:hush@db/shop}", "postgresql://***@db/shop"),
        ("${SHOP:-postgresql://me:hush@db/shop}", "${SHOP:-postgresql://***@db/shop}"),
        ("postgresql://me:hush@${HOST}/shop", "postgresql://***@${HOST}/shop"),
        ("postgresql://${ME}:${WORD}@db/shop", "postgresql://${ME}:${WORD}@db/shop"),
    ],
)
def test_no_secret_of_a_database_is_shown_wherever_it_stands(tmp_path, url, shown):
    source = {"kind": "sql", "name": "own", "table": "own:t", "url": url, "table_name": "t"}
    lines = yaml.safe_load(LINES)
    sources = [lines, source | {"columns": {"a": "b"}}]
    values = {"kind": "cross-sell", "name": "x", "sources": sources}
    environ = {"HOST": "db", "ME": "me", "WORD": "hush", "SHOP": "postgresql://me:hush@other/shop"}
    config = written(tmp_path, yaml.safe_dump(values), environ)
    assert public(config)["sources"][1]["url"] == shown
    assert yaml.safe_load(resolved(config))["sources"][1]["url"] == shown
    for told in (resolved(config), str(public(config)), repr(config), config.sources[1].path):
        assert "hush" not in told
        assert "sh@" not in told


def test_conditions_that_look_like_addresses_stay_as_they_are(tmp_path):
    lines = {**yaml.safe_load(LINES), "rules": [{"column": "item_id", "matches": "^https?://x?y$"}]}
    values = {"kind": "cross-sell", "name": "x", "sources": [lines]}
    config = written(tmp_path, yaml.safe_dump(values))
    assert written(tmp_path, resolved(config)) == config
