"""The student's loop, in a notebook's kernel: checks that run by themselves, and how far a student is.

`start` begins it, checks report to it, `progress` reads it. Whatever it knows is the kernel's, and nothing when a
notebook is graded.
"""

from helpers.loop.standing import FAILS, FORM, HOLDS
from helpers.loop.watching import Parts, begin, lost, note, note_error

__all__ = ["FAILS", "FORM", "HOLDS", "Parts", "begin", "lost", "note", "note_error"]
