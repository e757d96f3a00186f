"""The words of our mails."""

import pytest

from services.registration.domain import mails, registration_mails, security_mails
from services.registration.domain.participation import Participation

FULL, FACILITIES_ONLY = Participation(True, True), Participation(False, True)
LINK = "https://audit.example.org/set-password/abc"


def approved(participation: Participation) -> mails.MailText:
    return registration_mails.application_approved(
        name="Sam",
        organisation="Example Hospital",
        site_code="EXH",
        participation=participation,
        link=LINK,
    )


ALL = {
    "received": registration_mails.application_received(
        name="Sam", organisation="X", reference="FA-2222-22", link=LINK
    ),
    "approved": approved(FULL),
    "declined": registration_mails.application_declined(
        name="Sam", organisation="X", reference="FA-2222-22", reason="No such hospital."
    ),
    "queried": registration_mails.application_queried(
        name="Sam", organisation="X", reference="FA-2222-22", words="Which ward?", link=LINK
    ),
    "known": registration_mails.registration_known(name="Sam", link=LINK, reset=LINK),
    "suspended": registration_mails.site_suspended(name="Sam", organisation="X", reason="Why."),
    "reinstated": registration_mails.site_reinstated(name="Sam", organisation="X", link=LINK),
    "participation": registration_mails.participation_changed(
        name="Sam", organisation="X", participation=FULL, from_day="1 April 2026"
    ),
    "reset": security_mails.password_reset(name="Sam", link=LINK),
    "device": security_mails.new_device(name="Sam", link=LINK),
    "app": security_mails.second_factor_set_up(name="Sam", is_new=True, link=LINK),
    "taken": security_mails.second_factor_taken_away(name="Sam", link=LINK),
    "recovery": security_mails.recovery_code_used(name="Sam", left=1, link=LINK),
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
    declined = registration_mails.application_declined(
        name="Sam", organisation="X", reference="FA-2222-22", reason="One.\n\nTwo."
    )
    assert "\nOne.\n\nTwo.\n" in declined.body
