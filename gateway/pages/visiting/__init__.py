"""Acting elsewhere: the list of sites, visits of the audit team, going to another own site."""
