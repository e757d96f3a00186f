"""The questionnaire of the first rounds that were opened in 2026: section A alone. Retired."""

from __future__ import annotations

from services.facilities.domain.questionnaires.organisation import CONTACT, ORGANISATION, SERVICE
from services.facilities.domain.questions import Questionnaire, Section

FIRST_2026 = Questionnaire(
    id="facilities-2026",
    title="Facilities audit 2026",
    sections=(
        Section(
            "A",
            "Your organisation and its service",
            "Every organisation answers this section, with or without a fracture liaison service. "
            "You can save it at any time and finish it later.",
            ORGANISATION + SERVICE + CONTACT,
        ),
    ),
    is_retired=True,
)
