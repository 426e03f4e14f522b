import signal
import threading

import pytest

from lodeworks import BudgetExceeded, ConfigError
from pipelines.cli.limits import end_like_interrupt, time_limit
from pipelines.stopped import TimeUp, stopped_by


def test_without_a_limit_nothing_is_set():
    former = signal.getsignal(signal.SIGALRM)
    with time_limit(None):
        assert signal.getsignal(signal.SIGALRM) is former


def test_work_that_ends_in_time_leaves_no_timer_behind():
    former = signal.getsignal(signal.SIGALRM)
    with time_limit(100):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 90
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is former


def test_work_that_takes_longer_is_stopped_and_cleans_up():
    cleaned = []

    def work():
        try:
            threading.Event().wait(30)
        finally:
            cleaned.append(True)

    with pytest.raises(BudgetExceeded, match="the time limit of 1 s is over"), time_limit(1):
        work()
    assert cleaned == [True]


def test_work_that_a_library_breaks_off_in_its_own_words_is_stopped_all_the_same():
    def query():
        try:
            signal.raise_signal(signal.SIGALRM)
        except TimeUp:  # DuckDB does so
            raise RuntimeError("Query interrupted") from None

    with pytest.raises(BudgetExceeded, match="the time limit of 100 s is over"), time_limit(100):
        query()
    assert stopped_by(RuntimeError("Query interrupted")) is None


def test_an_error_inside_stays_itself():
    with pytest.raises(KeyError), time_limit(100):
        raise KeyError
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_limit_of_nothing_is_refused(seconds):
    with pytest.raises(ConfigError, match="at least 1 second"), time_limit(seconds):
        pytest.fail("the work must not begin")


def test_a_request_to_end_is_an_interrupt_and_the_former_answer_comes_back():
    former = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), end_like_interrupt():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is former


def test_another_thread_can_run_a_command_too():
    seen = []

    def work():
        with end_like_interrupt():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]
