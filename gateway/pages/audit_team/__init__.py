"""Pages of the audit team: registrations, accounts, progress of the facilities audit."""
