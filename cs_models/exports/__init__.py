"""Files that leave the app: slides, a report, a workbook, tables and pictures. All open offline and none of them runs
anything a user typed. Each takes a Story (or a table), so a notebook makes the same files as a page.
"""
