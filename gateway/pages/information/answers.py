"""Questions and answers, in the words of the page."""

from __future__ import annotations

ANSWERS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Taking part",
        (
            (
                "We have no fracture liaison service. Do we register?",
                "Yes, if your site treats people with fragility fractures. You take part in the "
                "facilities audit only.",
            ),
            (
                "Several hospitals share one service. Who registers?",
                "The organisation that runs the service registers once. In the facilities audit it "
                "names the hospitals that it serves.",
            ),
            (
                "I registered and have heard nothing.",
                "Look in the junk folder of the lead's mailbox first. Then contact the audit team "
                "with your reference number.",
            ),
            (
                "The link to set my password does not work any more.",
                "A link works once and for 72 hours. Your site's lead can send you a new one; "
                "leads ask the audit team.",
            ),
            (
                "How do colleagues get an account?",
                "Your site's lead adds them under “People” and chooses what they may do. They are "
                "sent a link to choose a password. Who leaves is taken out there too.",
            ),
            (
                "Our lead leaves. What do we do?",
                "The lead adds the successor as a lead first. When the successor has signed in, "
                "they take the former lead out. If nobody is left, contact the audit team.",
            ),
            (
                "Can the audit team see our records?",
                "Not without a reason. It visits your site for an hour at most, says why, and your "
                "lead reads that under “People”. Each record it opens is logged.",
            ),
        ),
    ),
    (
        "Facilities audit",
        (
            (
                "Who answers it at our site?",
                "Whoever knows: the lead gives colleagues the role “facilities respondent”, and "
                "each section can have somebody who looks after it. Several people can answer at "
                "once. The lead signs and submits.",
            ),
            (
                "Do we have to type everything again each round?",
                "No. What you answered last time is filled in. You confirm it, change it or take "
                "it out, and see which questions and answers have changed since.",
            ),
            (
                "Why does the questionnaire say that the patient audit says otherwise?",
                "Some answers can be held against the records of your site: who is monitored at "
                "52 weeks has follow-ups recorded. Change the answer, or explain it in a "
                "sentence; the explanation is submitted with it.",
            ),
            (
                "We submitted and found a mistake.",
                "Ask the audit team to open your answers again. What you submitted first is kept, "
                "and you submit again.",
            ),
        ),
    ),
    (
        "Records",
        (
            (
                "Which fractures do we record?",
                "Fragility fractures diagnosed on or after 1 January 2016 in people aged 50 and "
                "over. Fractures of the skull, face, fingers and toes do not count.",
            ),
            (
                "A person breaks two bones in one fall. Is that one record?",
                "Yes. One record holds up to three sites of fracture of the same episode. A "
                "fracture after another fall is a new record.",
            ),
            (
                "What about patients without an NHS number?",
                "Write NOT_UK if the person has none, or UNTRACED if it could not be found, and "
                "give the record your own identifier in LocalID.",
            ),
            (
                "Do we send patients who have opted out?",
                "No. In England the national data opt-out applies to the audit. Leave those "
                "patients out before you send a file.",
            ),
            (
                "A patient whose records we have sent opts out. What do we do?",
                "Open “Records”, and at the foot of the list “A patient has opted out of national "
                "audits”. Give the NHS number: the patient's records are deleted, and none is "
                "taken again. Who may delete records may do this.",
            ),
        ),
    ),
    (
        "Uploads",
        (
            (
                "Our system writes other headings and answers. Do we have to rename them?",
                "No. Upload the file as it is. On its page choose “Set up what your headings "
                "mean”, say what each column and answer is, and save. The next file with the same "
                "headings is read without a question.",
            ),
            (
                "Can we check a file without sending it?",
                "Yes. Whoever runs this software on a computer of yours can call “./flsdb check "
                "FILE”. It uses the same rules and writes a copy with the findings beside your "
                "rows. Nothing leaves the computer.",
            ),
            (
                "We uploaded the wrong file. Can it be taken back?",
                "Yes, within seven days: open the import and choose “Undo this import”. Records "
                "that somebody has changed since stay as they are and are listed.",
            ),
            (
                "The connection broke while I uploaded. Was anything stored?",
                "Nothing is stored before you confirm. Send the same file again: if it had "
                "arrived, you are led to the import that is there already.",
            ),
            (
                "Do I have to correct every error before I can confirm?",
                "No. Rows with errors are left out and listed; all others are stored. Correct them "
                "in your own system and upload the file again: what is stored already counts as "
                "“same”.",
            ),
            (
                "Does uploading the same records twice make duplicates?",
                "No. A row is recognised by your own identifier, or by NHS number and date of "
                "diagnosis. A row that changes nothing counts as “same”.",
            ),
            (
                "What does “held” mean?",
                "A held row would change something that needs a person's decision, such as the NHS "
                "number of a record. It is not stored.",
            ),
            (
                "Excel shows my NHS numbers as 9.99E+09. What now?",
                "The digits are lost in that file. Format the column as text in the source, save "
                "again, and check before you upload.",
            ),
            (
                "Can we get our records out again?",
                "Yes. On the page of records choose Export: all records of your site, as CSV or "
                "Excel. The CSV file can be uploaded again as it is. It takes a right that the "
                "site's lead has and can give to clinicians.",
            ),
            (
                "How long does it take?",
                "A file of a few thousand rows is checked in seconds. You can leave the page; the "
                "import goes on and waits for you.",
            ),
        ),
    ),
)
