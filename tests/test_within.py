"""A limit of time: it rings, it is taken away, it leaves an earlier alarm as it was."""

import signal
import threading

import pytest

from helpers.within import within


def run_on() -> None:
    while True:
        pass


def test_code_that_runs_on_is_stopped_and_nothing_rings_afterwards():
    handler = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeoutError, match=r"more than 0\.05 s"), within(0.05):
        run_on()
    with within(60):
        done = sum(range(100))
    assert done == 4950
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is handler


def test_code_that_catches_everything_once_is_stopped_all_the_same():
    def stubborn() -> None:
        try:
            run_on()
        except Exception:
            run_on()

    with pytest.raises(TimeoutError), within(0.05):
        stubborn()


@pytest.mark.parametrize(("outer", "inner"), [(60, 0.05), (0.05, 60)])
def test_of_two_limits_the_sooner_one_counts(outer, inner):
    with pytest.raises(TimeoutError), within(outer), within(inner):
        run_on()


def test_an_alarm_that_was_set_before_still_rings():
    rung = threading.Event()
    before = signal.signal(signal.SIGALRM, lambda *_: rung.set())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(TimeoutError), within(0.01):
            run_on()
        assert rung.wait(60)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_in_another_thread_code_runs_without_a_limit():
    found = []

    def work() -> None:
        with within(1e-6):
            found.append(sum(range(10**5)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [4999950000]


def test_an_import_is_let_finish_and_the_rest_is_not(tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.2)\nvalue = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    done = []

    def go_on() -> None:
        import slow_to_import

        done.append(slow_to_import.value)
        run_on()

    with pytest.raises(TimeoutError), within(0.05):
        go_on()
    assert done == [3]
