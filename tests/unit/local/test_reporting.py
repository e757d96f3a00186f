"""Tables keep every cell whole, however narrow the terminal is."""

from __future__ import annotations

import pytest

from deploy.local.reporting import Reporter


def test_a_table_is_as_wide_as_its_cells(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    sent = "Mon, 23 Nov 2026 04:28:41 +0000"
    subject = "[Fracture Audit] Your registration was approved"
    Reporter().table("", ("mail>", "sent", "subject"), [["1", sent, subject]])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "2026" in line]
    assert line == f"│    1 │ {sent} │ {subject} │"
