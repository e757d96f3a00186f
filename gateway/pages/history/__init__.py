"""What happened to a record: field by field, any earlier state, and who has opened it."""
