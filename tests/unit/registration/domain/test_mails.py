"""The words of our mails."""

import pytest

from services.registration.domain import mails
from services.registration.domain.participation import Participation

FULL, FACILITIES_ONLY = Participation(True, True), Participation(False, True)
LINK = "https://audit.example.org/set-password/abc"


def approved(participation: Participation) -> mails.MailText:
    return mails.application_approved(
        name="Sam",
        organisation="Example Hospital",
        site_code="EXH",
        participation=participation,
        link=LINK,
    )


ALL = {
    "received": mails.application_received(name="Sam", organisation="X", reference="FA-2222-22"),
    "approved": approved(FULL),
    "declined": mails.application_declined(
        name="Sam", organisation="X", reference="FA-2222-22", reason="No such hospital."
    ),
    "link": mails.password_link(name="Sam", link=LINK),
}


@pytest.mark.parametrize("mail", ALL.values(), ids=ALL.keys())
def test_every_mail_greets_names_us_and_is_plain(mail: mails.MailText) -> None:
    assert mail.body.startswith("Dear Sam,\n")
    assert "Fracture Audit" in mail.subject and "Fracture Audit" in mail.body
    assert "<" not in mail.body and "\n" not in mail.subject


def test_a_link_stands_alone_on_its_line() -> None:
    assert LINK in ALL["approved"].body.splitlines()
    assert LINK in ALL["link"].body.splitlines()


def test_an_approval_names_the_parts_the_site_takes_part_in() -> None:
    assert "patient audit and in the facilities audit" in approved(FULL).body
    assert "It takes part in the facilities audit." in approved(FACILITIES_ONLY).body


def test_a_refusal_gives_its_reason() -> None:
    assert "No such hospital." in ALL["declined"].body


def test_lines_are_broken_at_words_and_addresses_never() -> None:
    long_link = "https://audit.example.org/" + "x" * 100
    lines = mails.password_link(name="Sam", link=long_link).body.splitlines()
    assert long_link in lines
    assert max(len(line) for line in lines if line != long_link) <= 72


def test_the_paragraphs_of_a_reason_are_kept() -> None:
    declined = mails.application_declined(
        name="Sam", organisation="X", reference="FA-2222-22", reason="One.\n\nTwo."
    )
    assert "\nOne.\n\nTwo.\n" in declined.body
