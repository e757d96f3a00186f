"""The PostgreSQL side of a deployment: databases and roles."""
