"""Reads of registration's tables. Each takes a session and changes nothing.

`get_` raises NotFound, `find_` may return None, `list_` returns one page with the total, or all
where there are never many.
"""

from services.registration.queries.accounts import (
    AccountView,
    find_account,
    find_national_role,
    find_password,
    find_reader,
    find_role_at,
    get_account,
    get_account_view,
    home_site_id,
    is_known_device,
    list_accounts,
    list_own_sites,
    needs_second_factor,
)
from services.registration.queries.applications import (
    get_application,
    is_email_taken,
    is_ods_code_taken,
    list_applications,
)
from services.registration.queries.callers import (
    KnownCaller,
    find_session_caller,
    find_token_caller,
)
from services.registration.queries.credentials import (
    count_links_since,
    count_recovery_codes,
    find_offered,
    find_password_link,
    find_waiting,
    get_second_factor,
    get_token,
    list_tokens,
)
from services.registration.queries.mails import find_mail, list_mails
from services.registration.queries.paging import Page
from services.registration.queries.people import (
    Person,
    find_sign_in,
    find_visit,
    get_person,
    has_other_lead,
    list_open_sessions,
    list_people,
    list_visits,
)
from services.registration.queries.sites import (
    get_site,
    is_site_code_taken,
    list_all_sites,
    list_current_codes,
    list_sites,
    lock_site_codes,
)

__all__ = [
    "AccountView",
    "KnownCaller",
    "Page",
    "Person",
    "count_links_since",
    "count_recovery_codes",
    "find_account",
    "find_mail",
    "find_national_role",
    "find_offered",
    "find_password",
    "find_password_link",
    "find_reader",
    "find_role_at",
    "find_session_caller",
    "find_sign_in",
    "find_token_caller",
    "find_visit",
    "find_waiting",
    "get_account",
    "get_account_view",
    "get_application",
    "get_person",
    "get_second_factor",
    "get_site",
    "get_token",
    "has_other_lead",
    "home_site_id",
    "is_email_taken",
    "is_known_device",
    "is_ods_code_taken",
    "is_site_code_taken",
    "list_accounts",
    "list_all_sites",
    "list_applications",
    "list_current_codes",
    "list_mails",
    "list_own_sites",
    "list_open_sessions",
    "list_people",
    "list_sites",
    "list_tokens",
    "list_visits",
    "lock_site_codes",
    "needs_second_factor",
]
