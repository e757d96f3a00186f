"""The audit's patient dataset as data: questions, options, versions, rules, reading and merging.

Owns what a record may hold and what is said about it. Pure Python, standard library only, no input
or output; imports nothing of ours, so every door (page, API, file) shares one set of rules.

Where to look:
    fields.py     every question, in template order        options.py   the lists of answers
    versions.py   which version a fracture belongs to      findings.py  what can be wrong, in words
    reading.py    texts of a file -> values, by cells.py   writing.py   values -> texts of a file
    dates.py      the order of the days and months         headings.py  headings -> questions
    rules/        rules across questions                   engine.py    all findings of records
    store.py      what the store decides, in words         states.py    states, acknowledgements
    conditions.py when a question is asked                 progress.py  sections, follow-ups
    merging.py    a stored record and an incoming one      derived.py   age, BMI, due dates
    wire.py       values <-> JSON                          downloads.py template, code book, schema
    sample.py     a realistic synthetic file               nhs_number.py  check digit and mask
"""
