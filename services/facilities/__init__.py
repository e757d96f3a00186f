"""The facilities audit: rounds, the questionnaire of a round, and what each site answered.

This service owns rounds, answers with the history of each of their changes, and submitted answer
sets. It says nothing to the other services yet (nothing hears it, and an event is published only
once something does). It hears `registration.site_changed.v1` and keeps its own copy of the sites.
"""
