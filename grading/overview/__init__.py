"""A class in one page: points, checks, mistakes by their sentence, who needs a look; and mistakes that lack a sentence.

Takes results from the records and notebooks of the course; gives HTML, CSV and drafts of bank entries. Imported by the
commands and by rehearsals.
"""
