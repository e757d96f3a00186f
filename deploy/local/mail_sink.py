"""Takes every mail of the local system and keeps it as a file instead of sending it.

    python -m deploy.local.mail_sink FOLDER PORT [ADDRESS]

Listens on 127.0.0.1 unless told of another address, as in a container. Each mail becomes
`FOLDER/0001.eml`, `0002.eml` ...; `./flsdb mail` reads them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

LARGEST_MAIL_BYTES = 5_000_000


@dataclass(frozen=True)
class Mail:
    """One mail that was kept: its number, and its message as the standard library reads it."""

    number: int
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain text that a person would read."""
        part = self.message.get_body(("plain", "html"))
        return str(part.get_content()) if part is not None else ""


def keep_mail(folder: Path, content: bytes) -> Path:
    """Writes one mail under the next free number and returns its file.

    Two that arrive at once get two numbers: the file is created, never overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = 1 + max((mail_number(path) for path in folder.glob("*.eml")), default=0)
    while True:
        path = folder / f"{number:04d}.eml"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            continue
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return path


def mail_number(path: Path) -> int:
    """Returns the number in a mail's file name, 0 for a file that is no mail of ours."""
    return int(path.stem) if path.stem.isdigit() else 0


def read_mails(folder: Path) -> list[Mail]:
    """Returns every mail that was kept, oldest first."""
    paths = sorted(folder.glob("*.eml"), key=mail_number)
    return [
        Mail(mail_number(path), message_from_bytes(path.read_bytes(), policy=policy.default))
        for path in paths
        if mail_number(path)
    ]


class KeepingHandler:
    """What aiosmtpd calls for each mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keeps the mail; the envelope's recipients are added, as a blind copy is only there."""
        recipients = ", ".join(envelope.rcpt_tos)
        keep_mail(self._folder, f"X-Envelope-To: {recipients}\r\n".encode() + envelope.content)
        return "250 kept"


def main(folder: str, port: str, address: str = "127.0.0.1") -> None:
    """Listens until SIGTERM."""
    from aiosmtpd.controller import Controller

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    controller = Controller(
        KeepingHandler(Path(folder)),
        hostname=address,
        port=int(port),
        data_size_limit=LARGEST_MAIL_BYTES,
    )
    controller.start()
    ended.wait()
    controller.stop()


if __name__ == "__main__":
    main(*sys.argv[1:4])
