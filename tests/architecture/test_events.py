"""Every event has a shape, an example, a listener and a publisher; every queue is declared."""

import json
from pathlib import Path

import pytest

from deploy.rabbitmq.gather import CATALOGUE, TOPOLOGY, catalogue, heard, published, topology

EXAMPLES = Path(__file__).resolve().parents[1] / "contracts" / "examples"


def test_the_topology_file_is_up_to_date() -> None:
    assert json.loads(TOPOLOGY.read_text()) == topology()


def test_the_catalogue_is_up_to_date() -> None:
    assert CATALOGUE.read_text() == catalogue()


def test_every_published_event_is_heard() -> None:
    assert set(published()) - {event for _, event in heard()} == set()


def test_every_event_that_is_heard_is_published() -> None:
    assert {event for _, event in heard()} - set(published()) == set()


@pytest.mark.parametrize("name", sorted(published()))
def test_an_event_is_named_after_its_publisher(name: str) -> None:
    service, noun_verb, version = name.split(".")
    assert service in {"registration", "records", "imports", "facilities"}
    assert "_" in noun_verb
    assert version.startswith("v")


@pytest.mark.parametrize("name", [n for n, e in sorted(published().items()) if e.schema])
def test_an_event_has_an_example(name: str) -> None:
    assert (EXAMPLES / f"{name}.json").exists()
