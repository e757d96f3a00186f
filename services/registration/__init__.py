"""Registration: who takes part, and who may sign in.

Owns registration forms (applications), sites with their codes and participation, accounts, roles,
passwords, sessions, API tokens, mail and the log of all that. Says `registration.site_changed.v1`
to the other services and `registration.mail_wanted.v1` to its own mailer; hears only the latter.
Answers nginx's question "who is this?" at /internal/identity.
"""
