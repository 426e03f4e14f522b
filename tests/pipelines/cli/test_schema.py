import json

from pipelines import config


def test_prints_the_schema(lode):
    told = lode("schema")
    assert (told.code, told.err) == (0, "")
    assert json.loads(told.out) == config.schema()


def test_prints_the_reference(lode):
    assert lode("schema", "--markdown").out == config.reference()
