"""The record of who saw what."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.audit import AuditLog
from app.people import Person, Role
from lodeworks.errors import LodeError

ANNA = Person("anna", Role.OWNER)


def lines_of(log):
    return [json.loads(line) for line in log.path.read_text(encoding="utf-8").splitlines()]


def test_a_line_says_who_did_what_and_when(tmp_path):
    log = AuditLog(tmp_path)
    log.write(ANNA, "download list", "run-1")
    (line,) = lines_of(log)
    assert line["at"].endswith("+00:00")
    assert (line["who"], line["role"], line["action"], line["what"]) == (
        "anna", "owner", "download list", "run-1"
    )  # fmt: skip


def test_a_text_with_a_line_break_stays_one_line(tmp_path):
    log = AuditLog(tmp_path)
    log.write(ANNA, "view", 'a\nb "c"')
    assert [line["what"] for line in lines_of(log)] == ['a\nb "c"']


def test_a_customer_is_a_hash_that_can_be_proved(tmp_path):
    log = AuditLog(tmp_path)
    log.customer(ANNA, "view customer", "K1000001")
    assert "K1000001" not in log.path.read_text()
    assert lines_of(log)[0]["what"] == f"customer {AuditLog(tmp_path).hash_of('K1000001')}"
    assert log.hash_of("K1000001") != log.hash_of("K1000002")


def test_another_workspace_hashes_otherwise(tmp_path):
    first, second = (AuditLog(tmp_path / name) for name in ("a", "b"))
    assert first.hash_of("K1") != second.hash_of("K1")


def test_only_the_owner_of_the_files_reads_them(tmp_path):
    log = AuditLog(tmp_path)
    log.customer(ANNA, "view customer", "K1")
    for path in (log.path, tmp_path / ".audit-key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lines_of_many_writers_do_not_mix(tmp_path):
    log = AuditLog(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: log.customer(ANNA, "view", f"K{n}"), range(200)))
    assert len({line["what"] for line in lines_of(log)}) == 200


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_what_cannot_be_noted_is_refused_by_rights(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(LodeError, match="cannot be written"):
        AuditLog(tmp_path).write(ANNA, "view", "x")


def test_what_cannot_be_noted_is_refused(tmp_path):
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(LodeError, match="without it no personal data are shown"):
        AuditLog(tmp_path).write(ANNA, "view", "x")
