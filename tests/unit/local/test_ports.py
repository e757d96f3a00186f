"""Ports are chosen free once and kept."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.ports import free_port, is_free, keep_ports


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_somebody_listens_on_is_not_free(taken_port: int) -> None:
    assert not is_free(taken_port)


def test_a_free_port_is_below_those_that_linux_lends_and_not_among_the_taken() -> None:
    first = free_port()
    second = free_port([first])
    assert 20000 <= first < 32768
    assert first != second


def test_ports_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    first = keep_ports(path, ["a", "b"], {}, in_use=False)
    again = keep_ports(path, ["b", "a"], {"a": 1}, in_use=False)
    assert again == first
    assert json.loads(path.read_text()) == first


def test_a_preferred_port_is_taken_if_it_is_free(tmp_path: Path) -> None:
    wish = free_port()
    assert keep_ports(tmp_path / "p.json", ["a"], {"a": wish}, in_use=False)["a"] == wish


def test_a_preferred_port_that_is_taken_is_left_alone(tmp_path: Path, taken_port: int) -> None:
    assert keep_ports(tmp_path / "p", ["a"], {"a": taken_port}, in_use=False)["a"] != taken_port


def test_no_two_names_share_a_port(tmp_path: Path) -> None:
    wish = free_port()
    ports = keep_ports(tmp_path / "p.json", "abcdef", dict.fromkeys("abcdef", wish), in_use=False)
    assert len(set(ports.values())) == 6


def test_a_kept_port_that_somebody_else_took_is_replaced(tmp_path: Path, taken_port: int) -> None:
    path = tmp_path / "ports.json"
    path.write_text(json.dumps({"a": taken_port, "b": 20001}))
    assert keep_ports(path, ["a"], {}, in_use=False)["a"] != taken_port


def test_a_kept_port_is_left_while_our_own_programs_use_it(tmp_path: Path, taken_port: int) -> None:
    path = tmp_path / "ports.json"
    path.write_text(json.dumps({"a": taken_port}))
    assert keep_ports(path, ["a"], {}, in_use=True)["a"] == taken_port


def test_ports_of_other_names_stay_kept(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    path.write_text(json.dumps({"imports-worker-9-metrics": 20123}))
    keep_ports(path, ["a"], {}, in_use=False)
    assert json.loads(path.read_text())["imports-worker-9-metrics"] == 20123


def test_a_taken_port_is_told_with_what_is_used_instead(tmp_path: Path, taken_port: int) -> None:
    told: list[str] = []
    path = tmp_path / "ports.json"
    wish = {"gateway": taken_port}
    ports = keep_ports(path, ["gateway"], wish, in_use=False, say=told.append)
    assert told == [f"port {taken_port} is taken; using {ports['gateway']}"]
    path.write_text(json.dumps({"gateway": taken_port, "mail": taken_port}))
    ports = keep_ports(path, ["gateway", "mail"], wish, in_use=False, say=told.append)
    assert told[1:] == [
        f"port {taken_port} is taken; using {ports['gateway']}",
        f"port {taken_port} (mail) is taken; using {ports['mail']}",
    ]


def test_nothing_is_told_of_ports_that_are_free(tmp_path: Path) -> None:
    told: list[str] = []
    wish = {"gateway": free_port()}
    for _ in range(2):
        keep_ports(tmp_path / "p.json", ["gateway", "mail"], wish, in_use=False, say=told.append)
    assert told == []
