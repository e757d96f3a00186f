"""The pages, one folder for each subject: views, forms, presenters."""

from __future__ import annotations

from gateway.pages.audit_team.log import blueprint as log
from gateway.pages.audit_team.notices import blueprint as notices
from gateway.pages.audit_team.rounds import blueprint as rounds
from gateway.pages.audit_team.sites import blueprint as sites_of_the_audit
from gateway.pages.audit_team.statement import blueprint as statement
from gateway.pages.audit_team.views import blueprint as audit_team
from gateway.pages.duplicates.views import blueprint as duplicates
from gateway.pages.exporting.views import blueprint as exporting
from gateway.pages.facilities.looking import blueprint as facilities_looking
from gateway.pages.facilities.signing import blueprint as facilities_signing
from gateway.pages.facilities.views import blueprint as facilities
from gateway.pages.finding.views import blueprint as finding
from gateway.pages.history.views import blueprint as history
from gateway.pages.home.views import blueprint as home
from gateway.pages.imports.held import blueprint as held
from gateway.pages.imports.mending import blueprint as mending
from gateway.pages.imports.setup import blueprint as setup
from gateway.pages.imports.undoing import blueprint as undoing
from gateway.pages.imports.views import blueprint as imports
from gateway.pages.information.addresses import blueprint as addresses
from gateway.pages.information.contact import blueprint as contact
from gateway.pages.information.guide import blueprint as guide
from gateway.pages.information.views import blueprint as information
from gateway.pages.joining.views import blueprint as joining
from gateway.pages.people.views import blueprint as people
from gateway.pages.periods.managing import blueprint as managing_periods
from gateway.pages.periods.views import blueprint as periods
from gateway.pages.signing_in.own_account import blueprint as own_account
from gateway.pages.signing_in.second_factor import blueprint as second_factor
from gateway.pages.signing_in.terms import blueprint as terms
from gateway.pages.signing_in.views import blueprint as signing_in
from gateway.pages.tokens.views import blueprint as tokens
from gateway.pages.typing.kept import blueprint as kept
from gateway.pages.typing.views import blueprint as typing
from gateway.pages.visiting.views import blueprint as visiting
from gateway.pages.withdrawal.views import blueprint as withdrawal
from gateway.pages.worklists.views import blueprint as worklists

BLUEPRINTS = (
    home,
    information,
    guide,
    contact,
    addresses,
    joining,
    own_account,
    second_factor,
    terms,
    signing_in,
    finding,
    worklists,
    exporting,
    history,
    typing,
    kept,
    duplicates,
    withdrawal,
    periods,
    managing_periods,
    imports,
    held,
    mending,
    setup,
    undoing,
    facilities,
    facilities_signing,
    facilities_looking,
    tokens,
    people,
    visiting,
    audit_team,
    rounds,
    sites_of_the_audit,
    log,
    statement,
    notices,
)
