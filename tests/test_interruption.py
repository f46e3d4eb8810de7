"""A signal → what the flag says, where the exception is raised, and to whom signals are handed back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.interruption import Interruption

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
EACH = pytest.mark.parametrize("number", SIGNALS)


@pytest.fixture(autouse=True)
def _handed_back() -> Iterator[None]:
    """Whatever happens within, the process's own handlers stand again afterwards."""
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert [signal.getsignal(number) for number in SIGNALS] == before


@EACH
def test_a_signal_is_raised_at_once_and_remembered(number: signal.Signals) -> None:
    here = Interruption()
    with here.listening():
        here.look()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        assert here.asked
        assert here.told.wait()
        with pytest.raises(KeyboardInterrupt):
            here.look()


@EACH
def test_where_it_is_deferred_only_the_flag_says_so(number: signal.Signals) -> None:
    here = Interruption()
    with here.deferred():
        assert not here.asked
        os.kill(os.getpid(), number)
        assert here.told.wait()
        assert here.asked
        with pytest.raises(KeyboardInterrupt):
            here.look()


def test_deferred_ends_with_its_block() -> None:
    here = Interruption()
    with here.listening():
        with here.deferred(), here.deferred():
            pass
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_call_that_blocks_is_ended_also_where_signals_are_deferred() -> None:
    here = Interruption()
    with here.deferred():
        with pytest.raises(KeyboardInterrupt), here.breaking():
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)  # deferred again
        assert here.asked
    assert not here.asked


def test_one_that_came_just_before_ends_the_call_too() -> None:
    """It would not come again, and the call might block for ever."""
    here = Interruption()
    with here.deferred():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt), here.breaking():
            pytest.fail("the call was begun")


def test_who_listens_within_another_takes_nothing_away() -> None:
    here = Interruption()
    with here.listening():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        with here.listening():
            assert here.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_the_next_run_begins_without_the_flag() -> None:
    here = Interruption()
    for _ in range(2):
        with here.deferred():
            assert (here.asked, here.told.is_set()) == (False, False)
            os.kill(os.getpid(), signal.SIGINT)
            assert here.told.wait()


def test_another_thread_has_no_signals() -> None:
    here, came = Interruption(), []

    def listen() -> None:
        with here.listening(), here.deferred():
            came.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    other = threading.Thread(target=listen)
    other.start()
    other.join()
    assert came == [before]


@EACH
def test_a_module_is_imported_whole_before_the_signal_is_raised(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"interrupted_by_{int(number)}"
    text = f"import os\nfirst = 1\nos.kill(os.getpid(), {int(number)})\nsecond = 2\n"
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    here, pause = Interruption(), threading.Event()
    with here.listening():
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - it comes a moment later
            __import__(name)
            pause.wait(30)
        assert here.asked
    assert sys.modules[name].second == 2


@EACH
@pytest.mark.parametrize(
    "module", ["etl.cli.main", "click", "etl.cli.output", "yaml", "pydantic", "jinja2.sandbox"]
)
def test_a_signal_while_a_module_is_imported_for_the_first_time(
    number: signal.Signals, module: str, tmp_path: Path
) -> None:
    """The process ends with 130 and no traceback, wherever it was."""
    code = (
        "import os, sys\n"
        "class Told:\n"
        "    def find_spec(self, name, *more):\n"
        f"        if name == {module!r}:\n"
        f"            os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Told())\n"
        "from etl.__main__ import main\n"
        "main()\n"
    )
    (tmp_path / "m.yaml").write_text("version: 1\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", code, "check", "m.yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in ((130,) if module in ("etl.cli.main", "click") else (130, 2)), done.stderr
    assert "Traceback" not in done.stderr
    assert "a bug" not in done.stderr


@EACH
def test_what_is_ignored_already_stays_ignored(number: signal.Signals) -> None:
    """As nohup has it: the run goes on when its terminal is gone."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        here = Interruption()
        with here.listening():
            os.kill(os.getpid(), number)
            assert not here.asked
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
