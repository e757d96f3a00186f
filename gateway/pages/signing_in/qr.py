"""QR codes of `otpauth://` addresses, drawn into the page: a secret's picture has no address."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Returns a QR code as an SVG element, black on white whatever the colours of the page."""
    drawn = segno.make_qr(text, error="m").svg_inline(
        border=3, omitsize=True, dark="#000", light="#fff"
    )
    return Markup(drawn)  # noqa: S704 - segno's own drawing; the text is dots in it
