"""Our own style of PDF: headings with an outline, paragraphs, lists, tables, numbered pages.

fpdf2 writes it. It cannot tag the structure of a document, so a screen reader is better served by
the web page that holds the same; title, language and outline are set. The same content gives the
same bytes: dates are fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from fpdf import FPDF, FontFace, ViewerPreferences
from fpdf.outline import OutlineSection

MADE_ON = datetime(2024, 1, 1, tzinfo=UTC)
"""The date of making that each file carries, so that the same content gives the same bytes."""

# The core fonts are in every reader. They know the characters of Windows-1252, and fpdf2 refuses
# all others, so no character can be lost silently.
_FONT = "helvetica"
_ENCODING = "cp1252"

_MARGIN_MM = 18
_FOOT_MM = 18
_LINE = 1.35
_BRAND = (11, 79, 74)
_INK = (33, 43, 50)
_QUIET = (76, 98, 114)
_RULE = (208, 213, 217)
_SHADE = (240, 244, 245)

_BODY_PT, _SMALL_PT = 9.5, 8.5
_HEADING_PT = (15.0, 11.0)
_MM_PER_PT = 25.4 / 72


class Report(FPDF):
    """A document that is written from top to bottom.

    Args:
        title: on the first page and in the metadata.
        footer: at the foot of each page, beside its number.
    """

    def __init__(self, title: str, footer: str) -> None:
        super().__init__(format="A4")
        self.core_fonts_encoding = _ENCODING
        self._footer_text = footer
        self.set_title(title)
        self.set_lang("en-GB")
        self.set_creation_date(MADE_ON)
        self.set_producer("fpdf2")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=_MARGIN_MM + 4)
        self.set_draw_color(*_RULE)
        self.alias_nb_pages()
        self.add_page()
        self._write(title, 22, "B", _BRAND)

    def footer(self) -> None:
        """Called by fpdf2 at the end of each page."""
        self.set_y(-_FOOT_MM)
        self.set_font(_FONT, size=8)
        self.set_text_color(*_QUIET)
        self.cell(0, 5, self._footer_text)
        self.set_x(self.l_margin)
        self.cell(0, 5, f"Page {self.page_no()} of {{nb}}", align="R")

    def heading(self, text: str, level: int = 0, *, room_mm: float = 30) -> None:
        """A heading, which goes into the outline too.

        Args:
            level: 0 or 1.
            room_mm: what has to fit below it; otherwise it begins the next page.
        """
        size = _HEADING_PT[level]
        if self.will_page_break(size * _MM_PER_PT + room_mm):
            self.add_page()
        else:
            self.ln(7 if level == 0 else 4)
        self.start_section(text, level)
        self._write(text, size, "B", _BRAND if level == 0 else _INK)
        self.ln(1)

    def lede(self, text: str) -> None:
        """The paragraph below the title."""
        self.ln(2)
        self._write(text, 11, "", _INK)

    def contents(self) -> None:
        """The headings of level 0 with their pages; what follows begins a new page."""
        self.ln(4)
        self.insert_toc_placeholder(_write_contents)

    def paragraph(self, text: str) -> None:
        """A paragraph of the text."""
        self._write(text, _BODY_PT, "", _INK)
        self.ln(1.5)

    def bullets(self, items: Iterable[str]) -> None:
        """A list whose order does not matter."""
        self._items((("•", item) for item in items), indent_mm=5)

    def steps(self, items: Iterable[str]) -> None:
        """A numbered list."""
        self._items(((f"{n}.", item) for n, item in enumerate(items, 1)), indent_mm=6)

    def table(  # type: ignore[override]
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        shares: Sequence[int],
        *,
        caption: str = "",
    ) -> None:
        """A table as wide as the page; its headings come again on each page.

        Args:
            shares: how wide the columns are, relative to each other.
        """
        if caption:
            self._write(caption, _SMALL_PT, "B", _QUIET)
            self.ln(0.5)
        with self._grid(shares, has_headings=True) as grid:
            grid.row(headings)
            for cells in rows:
                grid.row(cells)
        self.ln(2)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names and what is said of them, side by side."""
        quiet = FontFace(color=_QUIET)
        with self._grid((24, 100), has_headings=False) as grid:
            for name, words in pairs:
                row = grid.row()
                row.cell(name, style=quiet)
                row.cell(words)
        self.ln(1)

    def _grid(self, shares: Sequence[int], *, has_headings: bool):  # type: ignore[no-untyped-def]
        self.set_font(_FONT, size=_SMALL_PT)
        self.set_text_color(*_INK)
        return super().table(
            col_widths=tuple(shares),
            first_row_as_headings=has_headings,
            headings_style=FontFace(emphasis="BOLD", color=_INK, fill_color=_SHADE),
            borders_layout="HORIZONTAL_LINES" if has_headings else "NONE",
            line_height=_SMALL_PT * _MM_PER_PT * _LINE,
            padding=(0.9, 1.5) if has_headings else (0.2, 1.5, 0.2, 0),
            text_align="LEFT",
            v_align="TOP",
        )

    def _items(self, items: Iterable[tuple[str, str]], *, indent_mm: float) -> None:
        for mark, text in items:
            self.set_font(_FONT, size=_BODY_PT)
            self.set_text_color(*_INK)
            height = _BODY_PT * _MM_PER_PT * _LINE
            # The mark stays with the first lines of its item.
            if self.will_page_break(2 * height):
                self.add_page()
            self.cell(indent_mm, height, mark)
            self.multi_cell(
                self.epw - indent_mm, height, text, align="L", new_x="LMARGIN", new_y="NEXT"
            )
            self.ln(0.8)
        self.ln(1)

    def _write(self, text: str, size_pt: float, style: str, colour: tuple[int, int, int]) -> None:
        self.set_font(_FONT, style=style, size=size_pt)
        self.set_text_color(*colour)
        height = size_pt * _MM_PER_PT * _LINE
        self.multi_cell(0, height, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _write_contents(report: FPDF, outline: list[OutlineSection]) -> None:
    """Called by fpdf2 once the pages of all headings are known."""
    report.set_font(_FONT, size=11)
    report.set_text_color(*_INK)
    report.set_x(report.l_margin)
    for section in outline:
        if section.level == 0:
            link = report.add_link(page=section.page_number)
            report.cell(report.epw - 15, 7, section.name, link=link)
            report.cell(15, 7, str(section.page_number), align="R", link=link)
            report.ln()


def bytes_of(report: Report) -> bytes:
    """The finished file."""
    return bytes(report.output())
