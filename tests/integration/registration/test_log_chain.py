"""The chain over the log: what it shows when somebody has altered, removed or slipped in a line."""

from __future__ import annotations

import base64
import threading
from datetime import date
from typing import Any

import pytest

from services.registration.actions.mails import MailDesk
from services.registration.actions.sealing_log import Verdict, seal_log, sign_head, verify_log
from services.registration.admin import main
from services.registration.domain.log_chain import HeadSigner, head_text, read_head
from services.registration.settings import LogSettings
from services.shared.db import transaction
from services.shared.settings import load

KEY = base64.b64encode(bytes(range(32))).decode()
SIGNER = HeadSigner({"k1": KEY}, "k1")
DESK = MailDesk("https://audit.example.org", "Audit <audit@example.org>")
DAY = date(2026, 2, 3)


@pytest.fixture
def sealed(engine: Any, site: Any, other_site: Any) -> int:
    """How many lines there are in the chain, of two sites."""
    with transaction(engine) as session:
        count = seal_log(session)
    assert count > 8
    return count


def verify(engine: Any, head: tuple[int, bytes] | None = None) -> Verdict:
    with transaction(engine, read_only=True) as session:
        return verify_log(session, SIGNER, known_head=head)


def sign(engine: Any, day: date = DAY) -> bool:
    with transaction(engine) as session:
        return sign_head(session, SIGNER, today=day, address="team@example.org", desk=DESK)


def rebuild(engine: Any, look: Any) -> None:
    """What an attacker with all rights does: makes the whole chain anew."""
    look.rows("DELETE FROM audit_seal")
    with transaction(engine) as session:
        seal_log(session)


def test_an_untouched_log_is_as_it_was_written(engine: Any, sealed: int, site: Any) -> None:
    assert verify(engine).faults == [] and verify(engine).lines == sealed
    site.lead("DELETE", "/sessions/current")
    with transaction(engine) as session:
        assert seal_log(session) == 1
        assert seal_log(session) == 0
    assert verify(engine).lines == sealed + 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE audit_log SET what = 'nothing' WHERE entry_id = {line}", "Line {line}"),
        ("UPDATE audit_log SET at = at - interval '1 microsecond' WHERE entry_id = {line}",
         "Line {line}"),
        ("UPDATE audit_log SET details = '{{\"x\": 1}}' WHERE entry_id = {line}", "Line {line}"),
        ("UPDATE audit_log SET site_id = NULL, actor_kind = 'system', actor_id = NULL "
         "WHERE entry_id = {line}", "Line {line}"),
        ("DELETE FROM audit_log WHERE entry_id = {line}", "Line {line} (position 5) is missing"),
        ("DELETE FROM audit_seal WHERE entry_id = {line}", "Seal 5 is missing"),
        ("UPDATE audit_seal SET digest = sha256('x') WHERE entry_id = {line}", "Line {line}"),
    ],
)  # fmt: skip
def test_the_first_line_that_is_not_as_it_was_is_named(
    engine: Any, sealed: int, look: Any, change: str, words: str
) -> None:
    line = look.value("SELECT entry_id FROM audit_seal WHERE position = 5")
    look.rows(change.format(line=line))
    verdict = verify(engine)
    assert verdict.lines == 4 and words.format(line=line) in verdict.faults[0]


def test_a_line_put_in_past_the_writer_is_named(engine: Any, sealed: int, look: Any) -> None:
    look.rows(
        "INSERT INTO audit_log (at, actor_kind, what, subject_kind, details) "
        "VALUES (now() - interval '1 hour', 'system', 'slipped_in', 'account', '{}')"
    )
    (fault,) = verify(engine).faults
    assert "is in no chain" in fault and "slipped_in" in fault


def test_a_cut_tail_shows_by_the_signed_head(engine: Any, sealed: int, look: Any) -> None:
    assert sign(engine) and not sign(engine)
    look.rows("DELETE FROM audit_log WHERE entry_id = (SELECT max(entry_id) FROM audit_seal)")
    look.rows("DELETE FROM audit_seal WHERE position = %s", sealed)
    (fault,) = verify(engine).faults
    assert "its tail was cut" in fault


def test_a_chain_made_anew_shows_by_the_signed_head(engine: Any, sealed: int, look: Any) -> None:
    sign(engine)
    look.rows("UPDATE audit_log SET what = 'nothing' WHERE what = 'application_approved'")
    rebuild(engine, look)
    assert "is another than was signed on 3 February 2026" in verify(engine).faults[0]
    look.rows("UPDATE audit_head SET digest = (SELECT digest FROM audit_seal WHERE position = %s)",
              sealed)  # fmt: skip
    assert "a signature that is not ours" in verify(engine).faults[0]


def test_a_head_from_a_mail_shows_what_the_database_alone_cannot(
    engine: Any, sealed: int, look: Any
) -> None:
    sign(engine)
    body = look.value("SELECT body FROM mail WHERE kind = 'log_head'")
    known = next(found for line in body.split() if (found := read_head(line)))
    assert known[0] == sealed and verify(engine, known).faults == []
    look.rows("UPDATE audit_log SET what = 'nothing' WHERE what = 'application_approved'")
    look.rows("DELETE FROM audit_head")
    rebuild(engine, look)
    assert verify(engine).faults == []
    assert "it was rewritten" in verify(engine, known).faults[0]


def test_two_writers_at_once_make_one_chain(engine: Any, site: Any) -> None:
    def write() -> None:
        with transaction(engine) as session:
            seal_log(session)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write()
    assert verify(engine).faults == []


def test_a_line_that_is_committed_late_comes_later_in_the_chain(
    engine: Any, sealed: int, look: Any
) -> None:
    """Lower numbers can come after higher ones: numbers are drawn before the commit."""
    look.rows("ALTER TABLE audit_log ALTER COLUMN entry_id SET GENERATED BY DEFAULT")
    late = "INSERT INTO audit_log (entry_id, at, actor_kind, what, subject_kind, details) "
    late += "VALUES (%s, now(), 'system', %s, 'account', '{}')"
    newest = look.value("SELECT max(entry_id) FROM audit_log")
    look.rows(late, newest + 2, "first")
    with transaction(engine) as session:
        seal_log(session)
    look.rows(late, newest + 1, "second")
    with transaction(engine) as session:
        seal_log(session)
    assert verify(engine).faults == [] and verify(engine).lines == sealed + 2


def test_the_services_role_can_change_nothing_of_it(engine: Any, sealed: int) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import ProgrammingError

    for table in ("audit_log", "audit_seal", "audit_head"):
        for deed in (f"DELETE FROM {table}", f"UPDATE {table} SET {_any_column(table)} = NULL"):
            with pytest.raises(ProgrammingError), transaction(engine) as session:
                session.execute(text(deed))


def _any_column(table: str) -> str:
    return "what" if table == "audit_log" else "digest"


def test_the_command_tells_and_fails_when_something_is_wrong(
    engine: Any, sealed: int, look: Any, environment: dict[str, str], capsys: Any
) -> None:
    keys = {"FLS_LOG_KEYS": f'{{"k1": "{KEY}"}}', "FLS_LOG_KEY_ID": "k1"}
    settings = load(LogSettings, environment | keys)
    assert main(["verify-log"], settings) == 0
    assert f"{sealed} lines" in capsys.readouterr().out
    assert main(["verify-log", "--head", "nonsense"], settings) == 1
    assert main(["verify-log", "--head", head_text(sealed + 1, bytes(32))], settings) == 1
    look.rows("DELETE FROM audit_log")
    assert main(["verify-log"], settings) == 1
    assert "is missing" in capsys.readouterr().err


def test_a_line_put_in_far_back_is_named_too(
    engine: Any, sealed: int, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.registration.queries.chain._FAR_BACK", 2)
    look.rows("ALTER TABLE audit_log ALTER COLUMN entry_id SET GENERATED BY DEFAULT")
    first = look.value("SELECT min(entry_id) FROM audit_log")
    look.rows(
        "INSERT INTO audit_log (entry_id, at, actor_kind, what, subject_kind, details) "
        "VALUES (%s, now() - interval '1 hour', 'system', 'slipped_in', 'account', '{}')",
        first - 1,
    )
    with transaction(engine) as session:
        assert seal_log(session) == 0
    (fault,) = verify(engine).faults
    assert "slipped_in" in fault


def test_the_head_of_each_quiet_day_is_checked(engine: Any, sealed: int, look: Any) -> None:
    for day in (DAY, date(2026, 2, 4)):
        sign(engine, day)
    look.rows("UPDATE audit_head SET signature = sha512('x') WHERE day = %s", DAY)
    (fault,) = verify(engine).faults
    assert "3 February 2026 carries a signature that is not ours" in fault
