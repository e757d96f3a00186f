"""What people and programs can download about the dataset, as texts and rows.

All of it is made from the data of `dataset` (questions, answers, findings, rules, versions), so it
cannot differ from what is checked. Here are texts and rows alone: whoever serves them turns them
into pages, PDFs and workbooks, decides on file names, and puts the byte order mark of CSV files.

    code_book       every question with its answers, limits and conditions
    catalogue       every finding and every rule
    changes         what one version has and another has not
    specification   what a file with records may look like, as a document
    template        the blank file, and what each of its columns takes
    schema          JSON Schema of a record
    document        what a document is made of
    csv_texts       rows as CSV

Source: domain notes 5.2 (template, code book) and 5.3.
"""
