"""Mails are kept as files, numbered, and read back as a person would read them."""

from __future__ import annotations

import stat
from pathlib import Path

from deploy.local.mail_sink import keep_mail, read_mails

MAIL = (
    b"From: a@demo.example\r\nTo: b@demo.example\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"Dear \xc3\x89ve\r\n"
)


def test_mails_are_numbered_in_the_order_they_came(tmp_path: Path) -> None:
    assert [keep_mail(tmp_path, MAIL).name for _ in range(2)] == ["0001.eml", "0002.eml"]


def test_a_mail_reads_as_it_was_written(tmp_path: Path) -> None:
    keep_mail(tmp_path, MAIL)
    (mail,) = read_mails(tmp_path)
    assert mail.number == 1
    assert mail.message["Subject"] == "Café"
    assert mail.text.strip() == "Dear Éve"


def test_a_number_is_not_used_twice_and_other_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "0007.eml").write_bytes(MAIL)
    (tmp_path / "notes.eml").write_text("not one of ours")
    assert keep_mail(tmp_path, MAIL).name == "0008.eml"
    assert [mail.number for mail in read_mails(tmp_path)] == [7, 8]


def test_a_mail_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    assert stat.S_IMODE(keep_mail(tmp_path, MAIL).stat().st_mode) == 0o600
