"""A second command that changes what runs waits for the first, and says so at once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from deploy.local.layout import Layout
from deploy.local.starting import one_at_a_time

WAITING = "flsdb: waiting for another ./flsdb command to finish\n"


def test_the_second_command_says_that_it_waits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def second() -> None:
        with one_at_a_time(Layout(tmp_path)):
            done.append("second")

    thread = threading.Thread(target=second)
    with one_at_a_time(Layout(tmp_path)):
        thread.start()
        told = ""
        until = time.monotonic() + 10
        while not told and time.monotonic() < until:
            told += capsys.readouterr().err
        assert told == WAITING
        assert done == []
    thread.join(10)
    assert done == ["second"]


def test_a_command_alone_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with one_at_a_time(Layout(tmp_path)):
        assert capsys.readouterr().err == ""
