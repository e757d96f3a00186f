"""The questions, section by section, in the audit's words restated as ours. Data only."""
