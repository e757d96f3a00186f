"""Bad input through the real gateway: a clear message for each, and nothing stored."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.system.conftest import Live, Person, sample_file


@pytest.fixture(scope="module")
def person(live: Live) -> Person:
    return live.new_site("Messy Spreadsheet Hospital")


@pytest.fixture
def good(person: Person) -> list[bytes]:
    """A good file as lines: headings, then rows."""
    lines = sample_file(400, 77, person.site_code).split(b"\r\n")
    return [line for line in lines if line]


def _refused(live: Live, person: Person, content: bytes) -> str:
    """Uploads, expects the file to be refused, returns the messages."""
    answer = live.upload(person, content)
    if answer.status_code not in (200, 201):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert 400 <= answer.status_code < 500
        return str(answer.json()["detail"])
    import_ = live.follow(person, answer.json()["import_id"], "refused", "checked", "failed")
    assert import_["state"] == "refused", import_
    return " ".join(f"{f['code']} {f['message']}" for f in import_["file_findings"])


def test_an_empty_file(live: Live, person: Person) -> None:
    assert "empty" in _refused(live, person, b"").lower()


def test_a_picture_renamed_csv(live: Live, person: Person) -> None:
    said = _refused(live, person, b"\x89PNG\r\n\x1a\n" + b"\x00\x01" * 500)
    assert "picture" in said.lower() or "image" in said.lower()


def test_a_missing_key_heading_is_named(live: Live, person: Person, good: list[bytes]) -> None:
    content = b"\r\n".join([good[0].replace(b"1.01 NHSNumber", b"Something"), *good[1:]])
    said = _refused(live, person, content)
    assert "H02" in said and "NHS" in said


def test_a_duplicate_heading_is_named(live: Live, person: Person, good: list[bytes]) -> None:
    content = b"\r\n".join([good[0].replace(b"1.03 Gender", b"1.02 DateOfBirth"), *good[1:]])
    assert "H03" in _refused(live, person, content)


def test_nul_bytes(live: Live, person: Person, good: list[bytes]) -> None:
    content = b"\r\n".join([good[0], good[1] + b"\x00", *good[2:]])
    assert "F01" in _refused(live, person, content)


def test_headings_and_no_row(live: Live, person: Person, good: list[bytes]) -> None:
    assert "row" in _refused(live, person, good[0] + b"\r\n").lower()


def test_no_file_and_an_old_form_on_the_page(live: Live, person: Person) -> None:
    session = person.client.headers["Authorization"].removeprefix("Bearer ")
    with live.client(Cookie=f"fls_session={session}") as browser:
        page = browser.get("/imports/new").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        empty = browser.post(
            "/imports/upload",
            data={"csrf_token": token},
            files={"file": ("", b"", "application/octet-stream")},
        )
        assert (empty.status_code, empty.headers["Location"].split("problem=")[-1]) == (
            303,
            "no_file",
        )
        shown = browser.get(empty.headers["Location"])
        assert "There is a problem" in shown.text
        forged = browser.post(
            "/imports/upload",
            data={"csrf_token": "wrong"},
            files={"file": ("a.csv", b"x", "text/csv")},
        )
        assert forged.headers["Location"].endswith("problem=form_expired")


def _much(size: int) -> Iterator[bytes]:
    block = b"x" * 65536
    for _ in range(size // len(block)):
        yield block


def test_a_body_of_300_megabytes(live: Live, person: Person) -> None:
    size = 300 * 1024 * 1024
    answer = person.client.post(
        "/api/imports/v1/imports",
        content=_much(size),
        headers={"Content-Type": "text/csv", "Content-Length": str(size)},
    )
    assert answer.status_code == 413
    assert "256 MB" in answer.json()["detail"]


def test_a_large_body_elsewhere(live: Live, person: Person) -> None:
    answer = person.client.post(
        "/api/registration/v1/applications", content=b"x" * (2 * 1024 * 1024)
    )
    assert answer.status_code == 413


def test_nothing_of_all_that_was_stored(live: Live, person: Person) -> None:
    assert person.client.get("/api/records/v1/records").json()["total"] == 0


def test_a_ragged_row_fails_alone_and_a_quoted_line_break_is_read_right(
    live: Live, person: Person
) -> None:
    code = person.site_code
    head = (
        "LocalID,1.01 NHSNumber,1.02 DateOfBirth,1.03 Gender,"
        "1.09 Date Index Frac Diagnosed,1.11 SiteFirstFrac,Note,ServiceCode"
    )
    content = "\r\n".join(
        [
            head,
            f'A1,9990000018,01/03/1950,2,20/01/2024,Wrist,"two\r\nlines",{code}',
            f"A2,9990000026,02/03/1951,1,21/01/2024,Hip,{code}",
            f"A3,9990000034,03/03/1952,1,22/01/2024,Hip,plain,{code},one more",
            f"A4,9990000042,04/03/1953,2,23/01/2024,Spine,plain,{code}",
            "",
        ]
    )
    applied = live.import_whole(person, content.encode())
    assert applied["counts"]["received"] == 4
    assert applied["counts"]["new"] == 2
    assert applied["counts"]["rejected"] == 2
    path = f"/api/imports/v1/imports/{applied['import_id']}/findings"
    found = person.client.get(path).json()["items"]
    assert [(f["row"], f["code"]) for f in found if f["level"] == "error"] == [
        (3, "R08"),
        (4, "R08"),
    ]
    ids = {
        item["local_id"] for item in person.client.get("/api/records/v1/records").json()["items"]
    }
    assert ids == {"A1", "A4"}


def test_an_unsupported_method_and_path_are_problems(person: Person) -> None:
    answers: list[httpx.Response] = [
        person.client.get("/api/records/v1/nothing"),
        person.client.delete("/api/records/v1/records"),
        person.client.get("/api/nothing/v1/x"),
    ]
    for answer in answers:
        assert answer.status_code in (404, 405)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
