"""The guard of vLLM's processes, with processes that sleep in their place: real ones, and a real kill."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from cotfaith.engines.vllm.guard import Guard

psutil = pytest.importorskip("psutil", reason="psutil, which comes with vLLM, is not installed")

SLEEPS = [sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '600'])"]
OWNER = """
    import sys, time
    from cotfaith.engines.vllm.guard import Guard

    guard = Guard([int(sys.argv[1])])
    print(guard.pid, flush=True)
    time.sleep(600)
"""
pytestmark = pytest.mark.alone
PATIENCE = 240.0  # seconds; machines are shared


def started():
    """A process that waits for one that it started, as vLLM's core does for its worker; and that one."""
    core = subprocess.Popen(SLEEPS)
    until(lambda: psutil.Process(core.pid).children())
    return core, psutil.Process(core.pid).children()[0]


def until(true):
    """Wait until `true()`."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def lives(pid):
    """Whether the process is there and is no zombie."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_kill_of_the_owner_ends_what_is_guarded(tmp_path):
    script = tmp_path / "owner.py"
    script.write_text(textwrap.dedent(OWNER))
    core, worker = started()
    owner = subprocess.Popen([sys.executable, str(script), str(core.pid)], stdout=subprocess.PIPE, text=True)
    pids = (core.pid, worker.pid, int(owner.stdout.readline()))
    assert all(map(lives, pids))
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    until(lambda: not any(map(lives, pids)))
    assert core.wait(PATIENCE) == -signal.SIGKILL


def test_ctrl_c_does_not_reach_it_and_closing_it_ends_what_is_left():
    core, worker = started()
    guard = Guard([core.pid])
    assert os.getpgid(guard.pid) != os.getpgid(0)
    assert guard.close() == 0
    assert core.wait(PATIENCE) == -signal.SIGKILL
    until(lambda: not lives(worker.pid))


def test_processes_that_have_ended_are_nothing_to_it():
    core, worker = started()
    worker.kill()
    core.wait(PATIENCE)
    guard = Guard([core.pid])
    assert guard.close() == 0
