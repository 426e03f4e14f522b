import errno

import duckdb
import pytest
from pydantic import BaseModel

from lodeworks import ConfigError, LodeError
from pipelines.cli.failures import failure_of, report


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "/w/list.csv: the disk is full; make room and run the same command again"),
        (errno.EDQUOT, "/w/list.csv: the disk quota is used up"),
        (errno.EACCES, "/w/list.csv: permission denied; check who may read and write there"),
        (errno.EROFS, "/w/list.csv: this is a read-only place; choose another with --workspace"),
        (errno.EISDIR, "/w/list.csv: Is a directory"),
    ],
)
def test_trouble_with_files_is_told_with_the_file(number, words):
    failure = failure_of(OSError(number, "Is a directory", "/w/list.csv"))
    assert words in failure.message
    assert failure.exit_code == 1


def test_trouble_without_a_file_still_has_words():
    assert failure_of(OSError("odd")).message == "odd"
    assert failure_of(OSError()).message == "OSError"


def test_a_library_that_met_a_full_disk_says_so_in_its_own_error():
    failure = failure_of(
        RuntimeError('IO Error: Could not write file "x": No space left on device')
    )
    assert failure.message == "the disk is full; make room and run the same command again"


@pytest.mark.parametrize("said", ["database or disk is full", "No space left on device"])
def test_our_own_error_that_ends_with_a_full_disk_says_what_to_do(said):
    failure = failure_of(LodeError(f"findings.db cannot be used: {said}"))
    assert failure.message == (
        "findings.db cannot be used: the disk is full; make room and run the same command again"
    )


def test_the_unexpected_is_one_sentence_and_a_way_on():
    failure = failure_of(ValueError("a\nb" + "x" * 500))
    assert failure.message.startswith("unexpected ValueError: a bxxx")
    assert failure.message.endswith("; run again with --debug for the traceback")
    assert len(failure.message) < 300
    assert failure.exit_code == 1
    assert failure_of(ValueError()).message.startswith("unexpected ValueError; run again")


def test_a_tracking_database_on_a_full_disk_says_so_in_words_of_its_own():
    failure = failure_of(RuntimeError("(sqlite3.OperationalError) database or disk is full"))
    assert failure.message == "the disk is full; make room and run the same command again"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        duckdb.OutOfMemoryException("failed to allocate"),
        ValueError("std::bad_alloc"),
    ],
)
def test_out_of_memory_is_a_budget(error):
    failure = failure_of(error)
    assert failure.exit_code == 5
    assert failure.message == "out of memory; use less data or a larger machine"


class Settings(BaseModel):
    seed: int


def test_a_traceback_does_not_show_what_was_given(capsys):
    try:
        try:
            Settings(seed="-".join(["h4rd", "t0", "guess"]))
        except ValueError as error:
            raise ConfigError("seed: must be a whole number") from error
    except ConfigError as error:
        report(error, as_json=False, debug=True)
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "ValidationError: (what was given is not shown)" in told
    assert "h4rd-t0-guess" not in told


@pytest.mark.parametrize("debug", [False, True])
def test_a_traceback_is_shown_only_when_asked_for(capsys, debug):
    with pytest.raises(KeyError) as caught:
        {}["inside"]
    assert report(caught.value, as_json=False, debug=debug) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert ("Traceback" in told.err) == debug
