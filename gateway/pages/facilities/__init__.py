"""The questionnaire of the facilities audit, for a site."""
