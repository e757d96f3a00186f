"""Tables as files, streamed: nothing of them lies on a disk or as a whole in memory.

csv_file    a table as a stream of CSV
xlsx_file   a table as a stream of an Excel workbook
"""
