import json

import yaml


def test_prints_the_whole_configuration(lode, config):
    told = lode("check", config, "--set", "seed=7")
    assert (told.code, told.err) == (0, "")
    values = yaml.safe_load(told.out)
    assert (values["seed"], values["window"]["outcome"]) == (7, 31)


def test_json_is_one_object(lode, config):
    told = lode("check", config, "--json", "--workspace", "elsewhere")
    assert json.loads(told.out)["config"]["workspace"] == "elsewhere"


def test_secrets_stay_out_of_sight(lode, config, monkeypatch):
    monkeypatch.setenv("PASSWORD", "s3cret")
    told = lode("check", config, "--set", "tracking.uri=db://${PASSWORD}@host")
    assert "uri: db://${PASSWORD}@host" in told.out
    assert "s3cret" not in told.out + told.err


def test_says_all_that_is_wrong(lode, config):
    told = lode("check", config, "--set", "seed=x", "--set", "nmae=y")
    assert told.code == 2
    assert told.out == ""
    assert "a.yaml: 2 problems" in told.err
    assert "  - --set seed: seed: given 'x'; a whole number is needed" in told.err
    assert "did you mean 'name'?" in told.err


def test_names_the_file_that_is_missing(lode, config):
    told = lode("check", "b.yaml")
    assert (told.code, told.err) == (
        2,
        "Error: b.yaml: cannot be read: No such file or directory\n",
    )
