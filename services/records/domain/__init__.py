"""Pure rules of the records service: columns, batches, identifiers' masks, states and ledger."""
