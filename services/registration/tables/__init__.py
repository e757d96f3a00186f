"""Tables of registration. Only queries and actions know them; migrations make them.

Passwords are argon2id hashes; sessions, tokens and one-time links are kept as SHA-256 alone.
"""

from services.registration.tables.accounts import (
    Account,
    AccountRole,
    ApiToken,
    PasswordLink,
    PasswordReset,
    PeopleConfirmation,
    TermsAcceptance,
    Visit,
)
from services.registration.tables.foundation import Base
from services.registration.tables.registering import (
    Application,
    ApplicationMessage,
    OrganisationCode,
    ParticipationChange,
    Registration,
    RegistrationLink,
    Site,
)
from services.registration.tables.signing_in import (
    KnownDevice,
    RecoveryCode,
    SecondFactor,
    SignIn,
    SignInFailure,
    WaitingSignIn,
)
from services.registration.tables.telling import AuditEntry, AuditHead, AuditSeal, Mail, Notice

__all__ = [
    "Account",
    "AccountRole",
    "ApiToken",
    "Application",
    "ApplicationMessage",
    "AuditEntry",
    "AuditHead",
    "AuditSeal",
    "Base",
    "KnownDevice",
    "Mail",
    "Notice",
    "OrganisationCode",
    "ParticipationChange",
    "PasswordLink",
    "PasswordReset",
    "PeopleConfirmation",
    "RecoveryCode",
    "Registration",
    "RegistrationLink",
    "SecondFactor",
    "SignIn",
    "SignInFailure",
    "Site",
    "TermsAcceptance",
    "Visit",
    "WaitingSignIn",
]
