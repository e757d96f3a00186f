"""The PDFs: the code book and the import specification, from the same data as their pages."""

from __future__ import annotations

from dataset.downloads import catalogue, changes, code_book, words
from dataset.downloads.document import Block, Bullets, Steps, Table
from dataset.downloads.edition import edition
from dataset.downloads.specification import import_specification
from dataset.versions import VERSIONS
from gateway.pages.information.pdf import Report, bytes_of
from gateway.wording import BRAND

_WHOLE_UP_TO_MM = 105
"""A longer question may run over to the next page."""


def code_book_pdf() -> bytes:
    """Every question with its answers, limits, conditions and rules."""
    report = _report("Code book")
    report.lede(
        "Every question of the patient audit, with its answers and codes, its limits, and when it "
        "is asked. Made from the dataset that checks the records."
    )
    report.contents()
    for section in code_book.sections():
        report.heading(f"{section.number} {section.title}")
        for question in section.questions:
            _question(report, question)
    report.heading("Rules")
    report.paragraph("An error keeps a record out, a warning asks for a second look.")
    report.table(
        ("Rule", "Level", "Why there is such a rule", "Questions"),
        [(rule.code, rule.level, rule.reason, rule.numbers) for rule in catalogue.rules()],
        (8, 14, 54, 24),
    )
    _versions(report)
    return bytes_of(report)


def import_specification_pdf() -> bytes:
    """What a file with records may look like, and what becomes of it."""
    report = _report("Import specification")
    report.lede("What a file with records may look like, and what becomes of its rows.")
    report.contents()
    for part in import_specification():
        report.heading(part.title)
        for block in part.blocks:
            _block(report, block)
    return bytes_of(report)


def _report(title: str) -> Report:
    return Report(title, f"{BRAND}: {title.lower()}, edition {edition()}")


def _question(report: Report, question: code_book.Question) -> None:
    field = question.field
    report.heading(f"{field.no} {field.label}", 1, room_mm=_height_mm(question))
    report.paragraph(field.help)
    report.facts(question.facts)
    if question.answers:
        report.table(
            ("Code", "Answer", "Also read as"),
            [
                (a.code, f"{a.label} ({a.only})" if a.only else a.label, a.spellings)
                for a in question.answers
            ],
            (7, 43, 50),
        )


def _height_mm(question: code_book.Question) -> float:
    """About what a question takes, so that a page begins with it rather than breaks it."""
    return min(18 + 4.5 * len(question.facts) + 6.5 * len(question.answers), _WHOLE_UP_TO_MM)


def _versions(report: Report) -> None:
    report.heading("Versions")
    report.bullets(map(words.version_words, VERSIONS))
    for earlier, later in zip(VERSIONS, VERSIONS[1:], strict=False):
        report.table(
            ("Number", "Question", "Change", "Code", "Answer"),
            [
                (c.field.no, c.field.label, c.what, c.code, c.label)
                for c in changes.changes()
                if c.later is later
            ],
            (10, 34, 20, 8, 28),
            caption=f"What changed from {earlier.name} to {later.name}",
        )


def _block(report: Report, block: Block) -> None:
    match block:
        case Table():
            report.table(block.headings, block.rows, block.shares, caption=block.caption)
        case Bullets():
            report.bullets(block.items)
        case Steps():
            report.steps(block.items)
        case _:
            report.paragraph(block)
