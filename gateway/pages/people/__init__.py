"""The people of a site: who they are and what they may do."""
