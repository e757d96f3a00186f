"""Identifiers planted through every door are found nowhere but in the answers to those who may see.

Searched: logs, metrics, bodies of refusals, the broker's disk, PostgreSQL's files (its journal too)
and dumps of all four databases, mails, nginx's folders, everything else the system keeps. The
search itself is tested by a word that may be found: the name of the site.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from dataset.fields import FIELD_BY_KEY
from dataset.nhs_number import check_digit
from deploy.local.accounts import outside_folder
from deploy.local.control import program_states
from deploy.local.postgres import installation
from deploy.local.system import load_system
from deploy.postgres.bootstrap import SERVICES, with_database
from tests.factories.imports import csv_bytes
from tests.system.conftest import Live, Person

SITE = "Canary Watch Hospital"
BORN = ("1947-11-23", "23/11/1947", "23 11 1947", "1947 11 23")
POSTCODES = ("ZE9 9QX", "ZE99QX")
LOCAL = "CANARY-7731"
TYPED = "canary wrote this"
API = "/api/records/v1"


def _number(index: int) -> str:
    stem = f"9997731{index:02d}"
    digit = check_digit(stem)
    return f"{stem}{digit}" if digit else _number(index + 50)


NUMBERS = [_number(index) for index in range(12)]


def _needles() -> list[str]:
    """Every form in which a planted identifier could turn up."""
    spaced = [f"{n[:3]} {n[3:6]} {n[6:]}" for n in NUMBERS]
    plain = [*NUMBERS, *spaced, *(n.replace(" ", "-") for n in spaced)]
    plain += [*BORN, *POSTCODES, LOCAL, TYPED]
    in_hex = [text.encode().hex() for text in (*NUMBERS, BORN[0], POSTCODES[0], LOCAL)]
    return [*plain, *in_hex]


@pytest.fixture(scope="module")
def person(live: Live) -> Person:
    return live.new_site(SITE)


@pytest.fixture
def refusals(person: Person) -> Iterator[list[httpx.Response]]:
    """Every answer of 400 or more that the person got."""
    seen: list[httpx.Response] = []

    def keep(answer: httpx.Response) -> None:
        if answer.status_code >= 400:
            answer.read()
            seen.append(answer)

    person.client.event_hooks["response"].append(keep)
    yield seen
    person.client.event_hooks["response"].remove(keep)


def test_planted_identifiers_are_found_nowhere(
    live: Live, person: Person, refusals: list[httpx.Response], tmp_path: Path
) -> None:
    _through_the_api(person)
    _through_the_form(person)
    _through_questions(person)
    _through_refusals(person)
    _through_a_file(live, person)

    texts = [answer.text for answer in refusals]
    assert len(texts) >= 4
    assert [text for text in texts if any(needle in text for needle in _needles())] == []

    places = [*_kept(live), _metrics(live, tmp_path), _dumps(live, tmp_path)]
    assert _places_with([SITE], places) != [], "the search finds what is there"
    assert _places_with(_needles(), places) == []


def _values(index: int, **more: object) -> dict[str, object]:
    return {
        "local_id": f"{LOCAL}-{index}",
        "nhs_number": NUMBERS[index],
        "date_of_birth": BORN[0],
        "gender": "2",
        "postcode": POSTCODES[0],
        "date_index_diagnosed": "2024-05-06",
        "site_1": "1",
        **more,
    }


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _through_the_api(person: Person) -> None:
    body = {"values": _values(0), "opt_out_checked_on": _today()}
    made = person.client.post(f"{API}/records", json=body)
    assert made.status_code == 201, made.text
    record_id, version = made.json()["record_id"], made.json()["version"]
    change = {"version": version, "values": {"postcode": POSTCODES[0], "local_id": f"{LOCAL}-0b"}}
    assert person.client.patch(f"{API}/records/{record_id}", json=change).status_code == 200
    for path in ("", "/history", "/versions/1"):
        assert person.client.get(f"{API}/records/{record_id}{path}").status_code == 200
    assert LOCAL in person.client.get(f"{API}/records").text


def _through_the_form(person: Person) -> None:
    """Typed and readable, typed and not readable, typed and never finished."""
    texts = {
        "nhs_number": NUMBERS[1],
        "date_of_birth": BORN[1],
        "gender": "2",
        "postcode": POSTCODES[1],
        "local_id": f"{LOCAL}-1",
        "date_index_diagnosed": "6/5/2024",
        "site_1": "1",
        "height_cm": TYPED,
    }
    unfinished = {"nhs_number": NUMBERS[2], "date_of_birth": TYPED, "local_id": f"{LOCAL}-2"}
    for typed in (texts, unfinished):
        body = {"record_id": str(uuid4()), "texts": typed, "opt_out_checked_on": _today()}
        answer = person.client.post(f"{API}/forms", json=body)
        assert answer.status_code == 201, answer.text
        assert TYPED in answer.text  # to the person who typed it, and to nobody else
        path = f"{API}/records/{answer.json()['record_id']}"
        assert TYPED in person.client.get(path).text


def _through_questions(person: Person) -> None:
    """Look-up, search, export, an opt-out."""
    post = person.client.post
    assert post(f"{API}/records/lookup", json={"nhs_number": NUMBERS[0]}).json()["records"]
    assert post(f"{API}/records/search", json={"query": NUMBERS[0]}).json()["items"]
    assert post(f"{API}/records/search", json={"query": f"{LOCAL}-1"}).json()["items"]
    assert NUMBERS[0] in person.client.get(f"{API}/export?format=csv&answers=codes").text
    assert post(f"{API}/opt-outs", json={"nhs_number": NUMBERS[3]}).status_code in (200, 201, 204)


def _through_refusals(person: Person) -> None:
    """Requests that are refused: rules, forms of values, unknown members, a broken body."""
    post = person.client.post
    for values in (
        _values(4, date_index_diagnosed="2015-01-01"),
        _values(5, date_of_birth=BORN[1]),
        {**_values(6), TYPED: NUMBERS[6]},
        _values(3),
        _values(0),
    ):
        body = {"values": values, "opt_out_checked_on": _today()}
        answer = post(f"{API}/records", json=body)
        assert 400 <= answer.status_code < 500, answer.text
    (found,) = post(f"{API}/records/search", json={"query": f"{LOCAL}-0b"}).json()["items"]
    for local_id in (f"{LOCAL}-x", f"{LOCAL}-y"):
        change = {"version": found["version"], "values": {"local_id": local_id}}
        answer = person.client.patch(f"{API}/records/{found['record_id']}", json=change)
    assert answer.json()["code"] == "version_moved", answer.text
    broken = b'{"values": {"nhs_number": "' + NUMBERS[7].encode()
    answer = post(f"{API}/records", content=broken, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def _through_a_file(live: Live, person: Person) -> None:
    """An import with good, bad and unreadable rows.

    The records consumer is halted, so that the rows lie in the broker when its disk is searched.
    """
    rows = [
        _row(8),
        _row(9, date_of_birth="31/02/1947"),
        _row(10, height_cm=TYPED),
        _row(11, site_1=""),
    ]
    columns = [*rows[0], "height_cm"]
    consumer = live.pid("records-consumer")
    os.kill(consumer, signal.SIGSTOP)
    try:
        import_id = live.upload(person, csv_bytes(rows, keys=columns)).json()["import_id"]
        path = f"/api/imports/v1/imports/{import_id}"
        live.until(lambda: (person.client.get(path).json().get("rows_checked") or 0) == 4)
        broker = [place / "rabbitmq" for place in _kept(live) if (place / "rabbitmq").exists()]
        live.until(lambda: _places_with([import_id], broker))
        assert _places_with(_needles(), broker) == []
    finally:
        os.kill(consumer, signal.SIGCONT)
    live.follow(person, import_id, "checked")
    live.confirm(person, import_id)
    assert live.follow(person, import_id, "applied")["counts"]["new"] == 1
    findings = person.client.get(f"{path}/findings").json()["items"]
    assert "T01" in {finding["code"] for finding in findings}
    messages = [finding["message"] for finding in findings]
    assert not any(needle in text for needle in _needles() for text in messages)


def _row(index: int, **more: str) -> dict[str, str]:
    texts = {key: str(value) for key, value in _values(index).items()}
    texts |= {"date_of_birth": BORN[1], "date_index_diagnosed": "06/05/2024", **more}
    assert texts.keys() <= FIELD_BY_KEY.keys()
    return texts


def _kept(live: Live) -> list[Path]:
    """Where the system keeps things; servers' data may lie outside, where their account reaches."""
    places = [live.layout.home, outside_folder(live.layout.home / "postgres")]
    return [place for place in places if place.exists()]


def _metrics(live: Live, folder: Path) -> Path:
    """What every process tells Prometheus, in one file."""
    ports = load_system(live.layout, in_use=True).ports
    running = program_states(live.layout)
    texts = [
        httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
        for name, port in ports.items()
        if name.endswith("-metrics") and name.removesuffix("-metrics") in running
    ]
    assert len(texts) > 10
    path = folder / "metrics.txt"
    path.write_text("\n".join(texts))
    return path


def _dumps(live: Live, folder: Path) -> Path:
    """A dump of every database, as a backup would hold it; PostgreSQL's files are written first."""
    url = load_system(live.layout, in_use=True).postgres_url
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CHECKPOINT")
    program = installation(None, folder) / "bin" / "pg_dump"
    target = folder / "dumps"
    target.mkdir()
    for service in SERVICES:
        with open(target / f"{service}.sql", "wb") as file:
            command = [str(program), with_database(url, service)]
            subprocess.run(command, stdout=file, check=True)
    return target


def _places_with(needles: Sequence[str], places: Sequence[Path]) -> list[str]:
    """The files below these places that hold one of the texts, whatever their kind."""
    patterns = "\n".join(needles)
    command = ["grep", "-r", "-a", "-F", "-i", "-l", "-f", "-", *map(str, places)]
    found = subprocess.run(
        command,
        input=patterns,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert found.returncode in (0, 1, 2), found.stderr
    return found.stdout.splitlines()
