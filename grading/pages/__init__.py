"""What people read in a browser: a page of feedback for each student, and students' texts as HTML that does no harm.

Takes results and notebooks from the records; gives HTML. Imported by the commands and by rehearsals.
"""
