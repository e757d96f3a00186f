"""Opens rounds from the command line.

    python -m services.facilities.rounds open --year 2026 [--name 2026] [--questionnaire ID]
        [--past] [--opens-on 2026-01-01] [--closes-on 2026-12-31]

Harmless when repeated: a round of the same name is left as it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date

from services.facilities.actions.rounds import open_round
from services.facilities.domain.questionnaires import CURRENT
from services.facilities.settings import RoundsSettings
from services.facilities.today import today_in_london
from services.shared.db import make_engine, transaction
from services.shared.errors import FlsError
from services.shared.settings import load


def main(argv: Sequence[str] | None = None) -> None:
    """Do what the command line says."""
    options = _parser().parse_args(argv)
    engine = make_engine(
        load(RoundsSettings).database_url, application_name="facilities.rounds", pool_size=1
    )
    try:
        with transaction(engine) as session:
            opened, new = open_round(
                session,
                name=options.name or str(options.year),
                year=options.year,
                questionnaire_id=options.questionnaire,
                opens_on=options.opens_on or today_in_london(),
                closes_on=options.closes_on,
                by=None,
                allow_retired=options.past,
            )
    except FlsError as error:
        raise SystemExit(f"flsdb: {error.detail}") from None
    finally:
        engine.dispose()
    print(f"round {opened.name} ({opened.title}): {'opened' if new else 'was open already'}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.facilities.rounds")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("open", help="open a round, unless there is one of this name")
    command.add_argument("--year", type=int, required=True, help="the audit year it asks about")
    command.add_argument("--name", help="unique; the year if left out")
    command.add_argument("--questionnaire", default=CURRENT.id, help="id of the questionnaire")
    command.add_argument("--past", action="store_true", help="allow a retired questionnaire")
    command.add_argument("--opens-on", type=date.fromisoformat, help="first day; today")
    command.add_argument("--closes-on", type=date.fromisoformat, help="last day; none")
    return parser


if __name__ == "__main__":
    main()
