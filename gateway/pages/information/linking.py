"""Turns numbers of questions and codes of findings within a text into links to where they stand."""

from __future__ import annotations

import re

from flask import Flask
from markupsafe import Markup, escape

from dataset.downloads.catalogue import CODED
from dataset.downloads.code_book import ANCHORS

_TARGETS = {anchor: f"/code-book#{anchor}" for anchor in ANCHORS.values() if anchor[0].isdigit()}
_TARGETS |= {code: f"/import-specification#{code}" for code in CODED}
_NAMED = re.compile(r"\b(?:[0-9]\.[0-9]{2}|[A-Z][0-9]{2})\b")


def linked(text: str, but: str = "") -> Markup:
    """The text, escaped, in which each known number or code is a link.

    Args:
        but: one that is not made a link, because the text stands there already.

    >>> linked("1.07 < 9.99", but="V02")
    Markup('<a href="/code-book#1.07">1.07</a> &lt; 9.99')
    """
    parts: list[str] = []
    end = 0
    for found in _NAMED.finditer(text):
        name = found[0]
        if name not in _TARGETS or name == but:
            continue
        parts += [str(escape(text[end : found.start()])), f'<a href="{_TARGETS[name]}">{name}</a>']
        end = found.end()
    parts.append(str(escape(text[end:])))
    return Markup("".join(parts))  # noqa: S704  each part was escaped or is ours


def register(app: Flask) -> None:
    """Makes it a filter of the templates."""
    app.add_template_filter(linked)
