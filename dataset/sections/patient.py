"""Columns that belong to the record as a whole and section 1: patient and index fracture.

Source: domain notes 1.3.
"""

from __future__ import annotations

from dataset import options
from dataset.field import Field

RECORD = (
    Field(
        "L2",
        "service_code",
        "ServiceCode",
        "Service code",
        "The three characters of your fracture liaison service. It follows from your sign-in; "
        "if a file has it, it must be your own.",
        "service_code",
        section=0,
        required="K",
        aliases=("Unit code", "Site code"),
        max_length=10,
    ),
    Field(
        "L1",
        "local_id",
        "LocalID",
        "Local identifier",
        "Your own number for this record, such as a hospital number. Only your site sees it; "
        "uploads use it to find the record again.",
        "text",
        section=0,
        required="o",
        aliases=("Hospital number", "Hospital number or patient ID", "Patient ID", "Record ID"),
        asked_when="needed when there is no NHS number",
        max_length=50,
    ),
)

PATIENT = (
    Field(
        "1.01",
        "nhs_number",
        "1.01 NHSNumber",
        "NHS number",
        "Ten digits. If there is none, say NOT_UK for someone not registered in the UK or "
        "UNTRACED for a number that could not be found, and give a local identifier.",
        "nhs_number",
        section=1,
        required="K",
        aliases=("NHS No", "NHS"),
        max_length=20,
    ),
    Field(
        "1.02",
        "date_of_birth",
        "1.02 DateOfBirth",
        "Date of birth",
        "The audit covers people aged 50 and over when the fracture was diagnosed.",
        "date",
        section=1,
        required="K",
        aliases=("DOB", "Birth date"),
    ),
    Field(
        "1.03",
        "gender",
        "1.03 Gender",
        "Gender",
        "As registered with the NHS.",
        "single",
        section=1,
        required="K",
        aliases=("Sex",),
        options=options.GENDER,
    ),
    Field(
        "1.04",
        "postcode",
        "1.04 Post Code",
        "Home postcode",
        "In full. Use ZZ99 3VZ for someone without a fixed address.",
        "postcode",
        section=1,
        required="C",
        max_length=10,
    ),
    Field(
        "1.05",
        "care_home",
        "1.05 CareRes",
        "Lived in a care home?",
        "Whether home was a residential or nursing home when the fracture happened.",
        "single",
        section=1,
        required="C",
        options=options.NO_YES,
    ),
    Field(
        "1.06",
        "date_fls_contact",
        "1.06 DateFLSContact",
        "First contact with the FLS",
        "The first day the service found the patient or was in touch about them.",
        "date",
        section=1,
        required="C",
    ),
    Field(
        "1.07",
        "date_fls_assessment",
        "1.07 DateFLSAssess",
        "FLS assessment",
        "The day the service assessed the patient. Leave blank if there was no assessment.",
        "date",
        section=1,
        required="c",
        aliases=("DateFLSAssessment",),
        asked_when="the FLS assessed the patient",
        may_stay_blank=True,
    ),
    Field(
        "1.08",
        "admitted",
        "1.08 AdmitHosp",
        "Overnight stay in hospital?",
        "Whether the patient had a ward bed overnight, because of the fracture or already when "
        "it happened. An emergency department visit alone does not count.",
        "single",
        section=1,
        required="C",
        options=options.ADMITTED,
    ),
    Field(
        "1.09",
        "date_index_diagnosed",
        "1.09 Date Index Frac Diagnosed",
        "Index fracture diagnosed",
        "The day the fracture that led to the FLS was diagnosed, from 1 January 2016 on. "
        "All follow-up times count from this day.",
        "date",
        section=1,
        required="K",
        aliases=("Date index fracture diagnosed",),
    ),
    Field(
        "1.10",
        "fracture_type",
        "1.10 TypeOfFracture",
        "How the fracture came to light",
        "Clinical if symptoms led to the diagnosis, radiological if an image taken for another "
        "reason showed it.",
        "single",
        section=1,
        required="C",
        aliases=("1.10 TypeOfFractue", "TypeOfFractue"),
        options=options.FRACTURE_TYPE,
    ),
    Field(
        "1.11",
        "site_1",
        "1.11 SiteFirstFrac",
        "Fracture site",
        "The first or main site. Fractures of skull, face, fingers and toes are not part of "
        "the audit.",
        "single",
        section=1,
        required="K",
        options=options.SITES,
    ),
    Field(
        "1.12",
        "site_2",
        "1.12 SiteSecFrac",
        "Second fracture site",
        "A second fracture of the same episode, if there was one.",
        "single",
        section=1,
        required="o",
        options=options.SITES,
    ),
    Field(
        "1.13",
        "site_3",
        "1.13 SiteThirdFrac",
        "Third fracture site",
        "A third fracture of the same episode, if there was one.",
        "single",
        section=1,
        required="o",
        options=options.SITES,
    ),
)

DEATH = (
    Field(
        "L3",
        "date_of_death",
        "DateOfDeath",
        "Date of death",
        "If known. Someone who has died is no longer due for follow-up.",
        "date",
        section=1,
        required="o",
        aliases=("Death date",),
    ),
)
