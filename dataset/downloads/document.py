"""What a document is made of, so that a page and a PDF can show the same one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences or words."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """A list whose order matters."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row names it.

    Attributes:
        shares: how wide the columns are, relative to each other.
        anchors: one per row, by which a link finds it; empty if rows have none.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]
    anchors: tuple[str, ...] = ()


Block = str | Bullets | Steps | Table
"""A paragraph is a plain text."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document with a heading.

    Attributes:
        anchor: by which a link finds it.
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]
