"""The questionnaires of the facilities audit, as data: one module for each section or edition.

Once a round has been opened with a questionnaire, its text stays as it is: a change is a new
questionnaire with a new id (a test holds each to its digest). A question's id never changes its
meaning, so that answers can be carried over and compared from round to round.

Source: domain dossier 4.2, the union of the published organisational columns of 2017 to 2021.
The wording, and options without a published column, are ours.
"""

from __future__ import annotations

from services.facilities.domain.questionnaires.facilities_2019 import FACILITIES_2019
from services.facilities.domain.questionnaires.facilities_2026 import FACILITIES_2026
from services.facilities.domain.questionnaires.first_2026 import FIRST_2026
from services.facilities.domain.questionnaires.vertebral import VERTEBRAL_2026
from services.facilities.domain.questions import Questionnaire
from services.shared.errors import NotFound

QUESTIONNAIRES = {
    each.id: each for each in (FACILITIES_2026, VERTEBRAL_2026, FACILITIES_2019, FIRST_2026)
}

CURRENT = FACILITIES_2026
"""What a round is opened with unless it is told otherwise."""


def get_questionnaire(questionnaire_id: str) -> Questionnaire:
    """Return the questionnaire of this id.

    Raises:
        NotFound: there is no such questionnaire.
    """
    try:
        return QUESTIONNAIRES[questionnaire_id]
    except KeyError:
        raise NotFound(f"There is no questionnaire {questionnaire_id!r}.") from None
