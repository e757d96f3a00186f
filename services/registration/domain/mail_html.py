"""The HTML part of a mail, made from its plain text: paragraphs, and addresses to click on.

Nothing is loaded from anywhere: no picture, no font, nothing that tells who has read it.
"""

from __future__ import annotations

import re
from html import escape

_ADDRESS = re.compile(r"https?://\S+")
_BODY = "margin:0;padding:24px;background:#f0f4f5;font-family:Arial,sans-serif;color:#212b32"
_LINK = "color:#0b4f4a;word-break:break-all"
_SHEET = "max-width:560px;margin:0 auto;background:#fff;padding:24px;font-size:16px;line-height:1.5"


def html_of(body: str, *, subject: str) -> str:
    """Returns a mail's body as an HTML document.

    >>> "<p>Dear Sam &amp; Pat,</p>" in html_of("Dear Sam & Pat,", subject="s")
    True
    """
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", body) if part.strip()]
    shown = "\n".join(_paragraph(part) for part in paragraphs)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(subject)}</title>\n</head>\n"
        f'<body style="{_BODY}">\n<div style="{_SHEET}">\n{shown}\n</div>\n</body>\n</html>\n'
    )


def _paragraph(text: str) -> str:
    if _ADDRESS.fullmatch(text):
        address = escape(text)
        return f'<p><a href="{address}" style="{_LINK}">{address}</a></p>'
    # Plain text breaks its lines for a narrow window; a paragraph flows.
    return f"<p>{escape(' '.join(text.split()))}</p>"
