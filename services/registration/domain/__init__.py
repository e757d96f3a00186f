"""Pure rules of registration: no database, no network, no framework."""
