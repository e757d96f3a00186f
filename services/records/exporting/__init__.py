"""Records on their way out as files: rows as tables of texts, and CSV and Excel as streams.

    own        a site's own records, with their identifiers, as they can be imported again
    extract    the audit team's extract of all sites, without identifiers
    workbook   the table as an Excel workbook

A table here is an iterator of parts, each a list of columns of equal length (the cells of some
hundred rows). Nothing is kept: memory is bounded by a part, and no patient's data touches a disk.
"""
