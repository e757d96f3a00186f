"""The four services of the audit, and the plumbing that all of them share."""
