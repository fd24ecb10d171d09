"""Parts come up together, are watched, and never outlive their supervisor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from heyue.launch.part import Part, PartFailed, PortTaken, answers
from heyue.launch.supervisor import StopRequested, Supervisor
from tests.bot_process import free_port

ROOT = Path(__file__).parents[3]
SERVER = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1")


def server(port: int, name: str = "server") -> Part:
    return Part(name, (*SERVER, str(port)), port, "/", "--port")


def script(text: str, name: str = "script") -> Part:
    return Part(name, (sys.executable, "-c", textwrap.dedent(text)), free_port(), "/", "--port")


def supervisor(folder: Path) -> Supervisor:
    return Supervisor(folder, dict(os.environ), folder / "logs")


def alive(pid: int) -> bool:
    """Whether a process runs (one that has ended and waits to be collected does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone_within_seconds(pid: int) -> bool:
    """Whether a process ends: a killed one takes a moment."""
    until = time.monotonic() + 5
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def test_parts_answer_and_stop_with_the_block(tmp_path: Path) -> None:
    parts = [server(free_port(), "one"), server(free_port(), "two")]
    with supervisor(tmp_path) as watched:
        watched.start(parts)
        watched.wait_until_all_answer(20)
        pids = [one.process.pid for one in watched.running]
        assert all(answers(part) for part in parts)
    assert not any(alive(pid) for pid in pids)
    assert not any(answers(part) for part in parts)


def test_taken_port_names_port_and_remedy_and_starts_nothing(tmp_path: Path) -> None:
    with socket.socket() as other, supervisor(tmp_path) as watched:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} .*--port \d+"):
            watched.start([server(free_port()), server(port)])
        assert watched.running == []


def test_part_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    dying = script("import sys; print('the reason why', file=sys.stderr); sys.exit(7)")
    with supervisor(tmp_path) as watched:
        watched.start([server(free_port()), dying])
        with pytest.raises(PartFailed, match=r"(?s)the script ended with status 7.*the reason why"):
            watched.wait_until_all_answer(20)


def test_part_that_is_killed_while_watched_is_reported(tmp_path: Path) -> None:
    with supervisor(tmp_path) as watched:
        watched.start([server(free_port())])
        watched.wait_until_all_answer(20)
        watched.running[0].process.kill()
        with pytest.raises(PartFailed, match="ended by signal 9"):
            watched.watch()


def test_part_that_never_answers_is_reported_in_time(tmp_path: Path) -> None:
    with supervisor(tmp_path) as watched:
        watched.start([script("import time; time.sleep(60)")])
        with pytest.raises(PartFailed, match="did not answer within 1 s"):
            watched.wait_until_all_answer(1)


def test_part_that_ignores_a_polite_stop_is_stopped_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heyue.launch.supervisor.STOP_SECONDS", 0.5)
    deaf = script(
        """
        import pathlib, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        pathlib.Path("child").write_text(str(child.pid))
        time.sleep(60)
        """
    )
    with supervisor(tmp_path) as watched:
        watched.start([deaf])
        until = time.monotonic() + 20
        while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
            assert time.monotonic() < until
            time.sleep(0.05)
    assert gone_within_seconds(int((tmp_path / "child").read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_for_a_stop(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with supervisor(tmp_path) as watched:
        os.kill(os.getpid(), number)
        with pytest.raises(StopRequested):
            watched.pause()
    assert signal.getsignal(number) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux: no other system tells a child")
def test_killed_supervisor_takes_its_parts_along(tmp_path: Path) -> None:
    port = free_port()
    program = f"""
        import os, time, pathlib
        from heyue.launch.part import Part
        from heyue.launch.supervisor import Supervisor
        part = Part("server", {(*SERVER, str(port))!r}, {port}, "/", "--port")
        with Supervisor(pathlib.Path({str(tmp_path)!r}), dict(os.environ), pathlib.Path({str(tmp_path)!r})) as watched:
            watched.start([part])
            watched.wait_until_all_answer(20)
            print(watched.running[0].process.pid, flush=True)
            time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert gone_within_seconds(child)


def test_step_that_fails_is_reported_with_its_complaint(tmp_path: Path) -> None:
    with (
        supervisor(tmp_path) as watched,
        pytest.raises(PartFailed, match=r"(?s)training ended with status 3.*no data"),
    ):
        watched.run_to_end(
            [sys.executable, "-c", "import sys; print('no data', file=sys.stderr); sys.exit(3)"], "training"
        )


def test_log_of_the_start_before_is_kept(tmp_path: Path) -> None:
    for word in ("first", "second"):
        with supervisor(tmp_path) as watched:
            watched.start([script(f"print({word!r})", "part")])
            watched.running[0].process.wait(20)
    assert (tmp_path / "logs/part.log").read_text() == "second\n"
    assert (tmp_path / "logs/part.log.1").read_text() == "first\n"
