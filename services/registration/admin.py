"""Operators' command: opens national accounts, and tells all sites to everyone again.

    python -m services.registration.admin create EMAIL [--role ROLE] [--name NAME]
                                                 [--password-file FILE]
    python -m services.registration.admin republish
    python -m services.registration.admin forget-second-factor EMAIL
    python -m services.registration.admin code EMAIL          (a demonstration only)
    python -m services.registration.admin verify-log [--head HEAD]

`create` may be repeated: an account that exists gets a new link, or the password of the file.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from marshmallow import ValidationError, validate
from sqlalchemy import Engine

from services.registration import queries
from services.registration.actions.accounts import OperatorsChoice, provide_national_account
from services.registration.actions.demo_codes import next_code
from services.registration.actions.log import Outsider
from services.registration.actions.mails import MailDesk
from services.registration.actions.sealing_log import verify_log
from services.registration.actions.second_factors import take_away
from services.registration.actions.sites import republish_sites
from services.registration.domain.log_chain import HeadSigner, read_head
from services.registration.domain.passwords import password_problems
from services.registration.domain.roles import NATIONAL_ROLES, ROLE_NAMES, Role
from services.registration.hashing import PasswordHashing
from services.registration.settings import AdminSettings, LogSettings, MailSettings
from services.shared.db import make_engine, transaction
from services.shared.errors import FlsError, Forbidden, InvalidInput, NotFound
from services.shared.sealing import Keyring
from services.shared.settings import load


def main(arguments: Sequence[str] | None = None, settings: MailSettings | None = None) -> int:
    """Runs one command; returns the exit status.

    Args:
        arguments: Of the command line; None takes the process's.
        settings: None reads the environment.
    """
    asked = _parser().parse_args(arguments)
    settings = settings or load(MailSettings)
    engine = make_engine(settings.database_url, application_name="registration.admin")
    desk = MailDesk(settings.public_url, settings.mail_from)
    try:
        if asked.command == "republish":
            with transaction(engine) as session:
                print(f"Told {republish_sites(session)} sites to the other services again.")
        elif asked.command == "forget-second-factor":
            _forget_second_factor(engine, desk, asked.email)
        elif asked.command == "verify-log":
            return _verify_log(engine, _for_log(settings), asked.head)
        elif asked.command == "code":
            _tell_code(engine, _for_codes(settings), asked.email)
        else:
            _create(engine, desk, asked)
    except FlsError as error:
        messages = getattr(error, "errors", {}).values()
        print(" ".join(m for group in messages for m in group) or error.detail, file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    return 0


def _forget_second_factor(engine: Engine, desk: MailDesk, email: str) -> None:
    with transaction(engine) as session:
        account = queries.find_account(session, email)
        if account is None:
            raise NotFound(f"There is no account {email}.")
        take_away(session, account_id=account.account_id, by=Outsider.OPERATOR, desk=desk)
    print(f"{email} sets an authenticator app up when they sign in next.")


def _for_log(settings: MailSettings) -> LogSettings:
    """Reads the keys of the log too, which no other command needs."""
    return settings if isinstance(settings, LogSettings) else load(LogSettings)


def _verify_log(engine: Engine, settings: LogSettings, head: str | None) -> int:
    known = None
    if head is not None:
        known = read_head(head)
        if known is None:
            raise InvalidInput(detail="A head is a number, a colon and 64 hexadecimal digits.")
    signer = HeadSigner(settings.log_keys, settings.log_key_id)
    with transaction(engine, read_only=True) as session:
        verdict = verify_log(session, signer, known_head=known)
    for fault in verdict.faults:
        print(fault, file=sys.stderr)
    print(f"{verdict.lines:,} lines of the log are as they were written. Head: {verdict.head}")
    return 1 if verdict.faults else 0


def _for_codes(settings: MailSettings) -> AdminSettings:
    """Reads the keys of the second factor too, which no other command needs."""
    return settings if isinstance(settings, AdminSettings) else load(AdminSettings)


def _tell_code(engine: Engine, settings: AdminSettings, email: str) -> None:
    if not settings.demo:
        raise Forbidden("Codes are told in a demonstration only (FLS_DEMO=true).")
    keys = Keyring.from_json(settings.second_factor_keys, settings.second_factor_key_id)
    with transaction(engine, read_only=True) as session:
        code, wait = next_code(session, keys, email)
    if wait > 0:
        print(f"The last code was used; the next counts in {wait:.0f} s.", file=sys.stderr)
        time.sleep(wait)
    print(code)


def _create(engine: Engine, desk: MailDesk, asked: argparse.Namespace) -> None:
    email = _checked_email(asked.email)
    password_hash = None
    if asked.password_file is not None:
        password_hash = _hash_from(asked.password_file, email)
    with transaction(engine) as session:
        choice = provide_national_account(
            session,
            email=email,
            name=asked.name or email.partition("@")[0],
            password_hash=password_hash,
            desk=desk,
            role=Role(asked.role),
        )
    print(_summary(choice, Role(asked.role)))


def _checked_email(text: str) -> str:
    try:
        return str(validate.Email()(text.strip()))
    except ValidationError:
        raise InvalidInput(detail=f"{text!r} is not an e-mail address.") from None


def _hash_from(path: Path, email: str) -> str:
    try:
        password = path.read_text().rstrip("\r\n")
    except OSError as error:
        raise InvalidInput(detail=f"{path} cannot be read ({error.strerror}).") from None
    problems = password_problems(password, email=email)
    if problems:
        raise InvalidInput({"password": problems})
    return PasswordHashing().hash(password)


def _summary(choice: OperatorsChoice, role: Role) -> str:
    opened = f"Opened an account ({ROLE_NAMES[role]})"
    what = opened if choice.is_new else "The account exists"
    then = (
        "a one-time link, good for 72 hours, is on its way by mail"
        if choice.link_mailed
        else "its password is the one in the file"
    )
    return f"{what}: {choice.account.email}; {then}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.registration.admin")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="open or repair a national account")
    create.add_argument("email", metavar="EMAIL")
    create.add_argument(
        "--role",
        choices=sorted(NATIONAL_ROLES),
        default=str(Role.AUDIT_TEAM),
        help="audit_team (unless said), auditor (reads national figures) or system_admin",
    )
    create.add_argument("--name", help="how mails address the person")
    create.add_argument("--password-file", type=Path, help="set this password instead of a link")
    forget = commands.add_parser(
        "forget-second-factor", help="take a lost authenticator app away; another is set up"
    )
    forget.add_argument("email", metavar="EMAIL")
    verify = commands.add_parser("verify-log", help="whether the log is as it was written")
    verify.add_argument("--head", metavar="HEAD", help="from one of the daily mails")
    code = commands.add_parser("code", help="the next code of an account of a demonstration")
    code.add_argument("email", metavar="EMAIL")
    commands.add_parser("republish", help="tell every site to the other services again")
    return parser


if __name__ == "__main__":
    sys.exit(main())
