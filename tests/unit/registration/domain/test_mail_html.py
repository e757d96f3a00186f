"""The HTML part of a mail."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain import security_mails
from services.registration.domain.mail_html import html_of

LINK = "https://audit.example.org/set-password/" + "x" * 60


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(body: str) -> _Page:
    page = _Page()
    page.feed(html_of(body, subject="Subject"))
    return page


def test_a_mail_says_the_same_in_both_parts_and_its_link_can_be_clicked() -> None:
    mail = security_mails.password_reset(name="Zoë <b>", link=LINK)
    page = read(mail.body)
    assert page.links == [LINK]
    assert page.text.split() == ["Subject", *mail.body.split()]
    assert "b" not in page.tags


@given(st.text(max_size=300))
def test_no_text_makes_anything_but_paragraphs_and_links(text: str) -> None:
    page = read(text)
    assert set(page.tags) <= {"html", "head", "meta", "title", "body", "div", "p", "a"}
    assert all(link and link.startswith(("http://", "https://")) for link in page.links)
