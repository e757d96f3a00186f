"""A second command that changes what runs waits for the first, and says so at once."""

from __future__ import annotations

import io
import sys
import threading
import time
from pathlib import Path

import pytest

from deploy.local.layout import Layout
from deploy.local.starting import one_at_a_time

WAITING = "flsdb: waiting for another ./flsdb command to finish\n"


def test_the_second_command_says_that_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    # A buffer of our own: capsys empties its one when read, and may lose what comes meanwhile.
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)

    def second() -> None:
        with one_at_a_time(Layout(tmp_path)):
            done.append("second")

    thread = threading.Thread(target=second)
    with one_at_a_time(Layout(tmp_path)):
        thread.start()
        until = time.monotonic() + 10
        while not told.getvalue().endswith("\n") and time.monotonic() < until:
            time.sleep(0.01)
        assert told.getvalue() == WAITING
        assert done == []
    thread.join(10)
    assert done == ["second"]


def test_a_command_alone_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with one_at_a_time(Layout(tmp_path)):
        assert capsys.readouterr().err == ""
