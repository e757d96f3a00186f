"""Lists of answers shared by several questions. Labels in our words; codes as stored.

Source: domain notes 1.3 to 1.9. The code 0 stands for no or none, U for unknown.
"""

from __future__ import annotations

from dataset.field import Option

ONLY_V3 = ("v3",)

# "Donít" is what real exports make of a curly apostrophe.
_UNKNOWN_SPELLINGS = (
    "Don't know",
    "Dont know",
    "Donít know",
    "Do not know",
    "Unknown",
    "Not known",
)


def unknown(label: str = "Don't know") -> Option:
    """The answer U, under whichever label the list shows."""
    return Option("U", label, aliases=tuple(s for s in _UNKNOWN_SPELLINGS if s != label))


U = unknown()
NO = Option("0", "No", aliases=("N",))
YES = Option("1", "Yes", aliases=("Y",))

NO_YES = (NO, YES, U)

GENDER = (
    Option("1", "Male", aliases=("M",)),
    Option("2", "Female", aliases=("F",)),
    Option("9", "Other or not specified", aliases=("Other", "Not specified")),
    unknown("Unknown"),
)

ADMITTED = (
    NO,
    Option("1", "Yes, because of the fracture", aliases=("Yes (fracture caused admission)",)),
    Option("2", "Yes, was already an inpatient", aliases=("Yes (already an inpatient)",)),
    U,
)

FRACTURE_TYPE = (
    Option("1", "Clinical (symptomatic)", aliases=("Clinical", "Symptomatic")),
    Option(
        "2",
        "Radiological (chance finding)",
        aliases=("Radiological", "Opportunistic", "Radiological / opportunistic finding"),
    ),
    U,
)

SITES = (
    Option("1", "Hip"),
    Option("2", "Spine"),
    Option("3", "Wrist"),
    Option("4", "Humerus"),
    Option("5", "Pelvis"),
    Option("6", "Other"),
    Option("7", "Non hip/non spine", ONLY_V3, ("NHNS", "Non hip non spine", "Non-hip/non-spine")),
)

DRUGS = (
    Option("1", "Alendronate", aliases=("Alendronic acid",)),
    Option("2", "Risedronate", aliases=("Risedronate sodium",)),
    Option("3", "Ibandronate", aliases=("Ibandronic acid",)),
    Option("4", "Zoledronate", aliases=("Zoledronic acid",)),
    Option("5", "Teriparatide"),
    Option("6", "Denosumab"),
    Option(
        "7",
        "Alfacalcidol or calcitriol",
        aliases=("Alfacalcidol", "Calcitriol", "Alfacalcidol / calcitriol"),
    ),
    Option("8", "Romosozumab"),
    Option("9", "Abaloparatide"),
    Option(
        "20",
        "Systemic oestrogens (HRT)",
        aliases=("Systemic oestrogens", "HRT", "Systemic estrogens"),
    ),
    Option("21", "Raloxifene"),
    Option("22", "Strontium ranelate", aliases=("Strontium",)),
    Option("23", "Pamidronate"),
    Option("24", "Etidronate"),
    Option("29", "Another bone drug", aliases=("Other named drug", "Other")),
)
DRUG_CODES = tuple(option.code for option in DRUGS)

NO_DRUG = Option("0", "None")
INFORMED_DECLINE = Option("43", "Informed decline", aliases=("Declined",))

THERAPY_AT_FRACTURE = (NO_DRUG, *DRUGS, U)
THERAPY_AT_FRACTURE_ALONE = ("0", "U")

THERAPY_RECOMMENDED = (
    *DRUGS,
    Option("40", "Referred to GP to decide prescription", aliases=("Referred to GP",)),
    Option("41", "Referred for further clinical opinion"),
    Option("42", "Inappropriate", aliases=("Not appropriate",)),
    INFORMED_DECLINE,
    U,
)
THERAPY_RECOMMENDED_ALONE = ("40", "41", "42", "43", "U")

THERAPY_16W = (
    *DRUGS,
    INFORMED_DECLINE,
    Option("44", "Not started"),
    Option("45", "No longer appropriate"),
    Option("46", "Refer for clinical opinion", aliases=("Referred for clinical opinion",)),
    U,
)
THERAPY_16W_ALONE = ("43", "44", "45", "46", "U")

THERAPY_52W = (
    *THERAPY_16W[:-1],
    Option("47", "Stopped by patient", aliases=("NOT_TAKING", "Not taking")),
    U,
)
THERAPY_52W_ALONE = (*THERAPY_16W_ALONE[:-1], "47", "U")

DXA = (NO, YES, Option("2", "No new scan, a recent one exists", aliases=("Recent DXA",)), U)

DXA_NOT_ORDERED = (
    Option("1", "Not needed, treated without a scan", aliases=("Not clinically needed",)),
    Option("2", "Recent scan", aliases=("Recent DXA",)),
    Option("3", "Too frail or unable to attend", aliases=("Frailty or unable to attend",)),
    Option("4", "Declined", aliases=("Informed decline",)),
    Option("5", "Died"),
    Option("6", "Service or capacity", aliases=("Capacity",)),
    Option("9", "Other"),
    U,
)

FRACTURE_RISK = (
    Option("0", "Not calculated"),
    Option("1", "High or very high", aliases=("High", "Very high", "High / very high")),
    Option("2", "Intermediate", aliases=("Medium",)),
    Option("3", "Low"),
    U,
)

CALCIUM_VIT_D = (
    Option("0", "Not recommended or not needed", aliases=("Not recommended", "Not needed", "No")),
    Option("1", "Calcium and vitamin D"),
    Option("2", "Vitamin D only"),
    Option("3", "Calcium only"),
    Option("4", "Already taking"),
    U,
)

FALLS_ASSESSED = (
    NO,
    YES,
    Option("2", "Referred or recommended elsewhere", aliases=("Referred elsewhere",)),
    Option("3", "Not appropriate"),
    Option("4", "Informed decline", aliases=("Declined",)),
    U,
)

MOBILITY = (
    Option("1", "Walks freely without aids", aliases=("Freely mobile without aids",)),
    Option("2", "Outdoors with one aid"),
    Option("3", "Outdoors with two aids or a frame"),
    Option(
        "4",
        "Indoors, never outdoors without help",
        aliases=("Some indoor mobility but never outdoors without help",),
    ),
    Option("5", "No functional mobility"),
    unknown("Unknown"),
)

CARDIAC = (NO, YES, Option("2", "Not done"), U)

REFERRALS = (
    Option("0", "None"),
    Option("1", "Falls service", aliases=("Multifactorial assessment",)),
    Option("2", "Strength and balance exercise"),
    Option("3", "Medication review"),
    Option("4", "Eye care"),
    Option("5", "Continence"),
    Option("6", "Cardiology or syncope", aliases=("Cardiology", "Syncope")),
    Option("7", "Memory"),
    Option("8", "Occupational therapy or home hazards", aliases=("Occupational therapy",)),
    Option("9", "Other"),
    Option("10", "Informed decline", aliases=("Declined",)),
)
REFERRALS_ALONE = ("0", "10")

FOLLOW_UP_16 = (
    NO,
    YES,
    Option("2", "Died"),
    Option("3", "Declined", aliases=("Informed decline",)),
    Option("4", "Unable to contact"),
    Option("5", "Not appropriate"),
)
FOLLOW_UP_52 = (*FOLLOW_UP_16, U)

FOLLOW_UP_BY = (
    Option("1", "FLS"),
    Option("2", "GP or primary care", aliases=("GP", "Primary care", "GP / primary care")),
    Option("3", "Another service", aliases=("Other service",)),
    U,
)

SUPPLEMENT_STARTED = (NO, YES, Option("2", "Not recommended"), U)
SUPPLEMENT_TAKEN = (NO, YES, Option("2", "Not prescribed"), U)
EXERCISE_STARTED = (
    NO,
    YES,
    Option("2", "Not appropriate"),
    Option("3", "Declined", aliases=("Informed decline",)),
    U,
)

REFRACTURE_COUNT = (
    Option("0", "0", aliases=("None",)),
    *(Option(str(n), str(n)) for n in range(1, 10)),
    U,
)
