"""Publisher and listener agree about each event: both are held to its example.

`examples/<event>.json` is the contract. What an event means never changes; a new meaning is `.v2`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from marshmallow import EXCLUDE

from deploy.rabbitmq.gather import heard, published
from services.facilities import handlers as facilities
from services.facilities.settings import Settings as FacilitiesSettings
from services.imports import handlers as imports
from services.imports.settings import Settings as ImportsSettings
from services.records import handlers as records
from services.records.settings import Settings as RecordsSettings
from services.registration import handlers as registration
from services.registration.actions.mails import MailDesk
from services.shared.consumer import Listener
from services.shared.db import make_engine
from services.shared.settings import load
from tests.factories.apps import settings_environment

EXAMPLES = Path(__file__).with_name("examples")
FACTS = sorted(name for name, event in published().items() if event.schema is not None)


def _example(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return data


@cache
def _listeners() -> dict[tuple[str, str], Listener]:
    """(consumer, event) -> listener, made as the processes make them."""
    environment = settings_environment()
    engine = make_engine(environment["FLS_DATABASE_URL"], application_name="contracts")
    imports_settings = load(ImportsSettings, environment)
    made = {
        "registration": registration.listeners(
            lambda _: None, engine, MailDesk("https://audit.example", "Audit <audit@example.org>")
        ),
        "records": records.listeners(load(RecordsSettings, environment)),
        "imports": [
            *imports.listeners(imports_settings),
            *imports.worker_listeners(imports_settings),
        ],
        "facilities": facilities.listeners(load(FacilitiesSettings, environment)),
    }
    return {(name, each.event): each for name, of_it in made.items() for each in of_it}


def test_the_processes_listen_to_what_their_service_says_it_hears() -> None:
    assert sorted(_listeners()) == sorted(heard())


@pytest.mark.parametrize("name", FACTS)
def test_the_publisher_sends_the_shape_of_the_example(name: str) -> None:
    schema = published()[name].schema
    assert schema is not None
    example = _example(name)
    assert schema().validate(example) == {}
    assert json.loads(json.dumps(schema().dump(schema().load(example)))) == example


@pytest.mark.parametrize(
    ("consumer", "name"), [pair for pair in sorted(heard()) if pair[1] in FACTS]
)
def test_each_listener_takes_the_example_and_passes_over_what_it_does_not_know(
    consumer: str, name: str
) -> None:
    schema = _listeners()[consumer, name].schema
    assert schema is not None
    example = _example(name)
    taken = schema(unknown=EXCLUDE).load(example)
    assert taken
    assert schema(unknown=EXCLUDE).load({**example, "a_later_field": {"x": 1}}) == taken


@pytest.mark.parametrize("name", FACTS)
def test_no_example_holds_what_only_a_sealed_batch_may_hold(name: str) -> None:
    """Facts are readable to the broker's operators: no field of them is an identifier."""
    text = json.dumps(_example(name))
    for word in ('nhs_number":', 'date_of_birth":', 'postcode":', 'local_id":'):
        assert word not in text


def test_no_more_work_and_batches_are_taken_than_are_handled_at_once() -> None:
    """A worker that dies with ten messages in hand would cost nine others a delivery.

    An import worker has two threads, but reads one file and checks one chunk.
    """
    at_once = {"records": records.THREADS}
    for (service, name), listener in _listeners().items():
        if published()[name].kind != "fact":
            assert listener.prefetch == at_once.get(service, 1), name
