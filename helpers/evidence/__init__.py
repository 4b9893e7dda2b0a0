"""What is shown beside the sentence of a failed check: the numbers that were wrong, as pictures and as tables.

Takes evidence that a check has made of numbers (`helpers.checks.beside`), gives HTML, for a notebook or a page. Knows
neither torch nor the check: pages are made where neither is loaded.
"""
