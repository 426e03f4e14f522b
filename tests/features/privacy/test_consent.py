import ibis
import pytest

from features.privacy.consent import refused, without_refused


def people(**columns):
    ids = [f"c{n}" for n in range(len(next(iter(columns.values()))))]
    kinds = {name: "boolean" if name != "consent_text" else "string" for name in columns}
    schema = ibis.schema({"customer_id": "string", **kinds})
    return ibis.memtable({"customer_id": ids, **columns}, schema=schema)


def found(table):
    return sorted(table.to_pandas()["customer_id"])


def test_opt_out_is_refusal_and_so_is_not_knowing():
    assert found(refused(people(opt_out=[True, False, None]))) == ["c0", "c2"]


@pytest.mark.parametrize("name", ["consent", "Marketing_Consent", "opt_in", "consent_email"])
def test_consent_must_be_given(name):
    table = people(opt_out=[False, False, False], **{name: [True, False, None]})
    assert found(refused(table)) == ["c1", "c2"]


def test_all_consent_must_be_given():
    table = people(opt_out=[False] * 2, consent_email=[True, True], consent_phone=[True, False])
    assert found(refused(table)) == ["c1"]


def test_a_column_that_is_no_consent_says_nothing():
    table = people(opt_out=[False], consenting_age=[False], consent_text=["no"])
    assert found(refused(table)) == []


def test_a_mart_loses_who_refused_and_keeps_strangers():
    mart = ibis.memtable({"customer_id": ["c0", "c1", "x"], "spend": [1, 2, 3]})
    left = without_refused(mart, people(opt_out=[True, False]))
    assert found(left) == ["c1", "x"]
