"""From the authors' texts to notebooks, releases, marking notes and indexes, and every mistake in them.

Takes source/, data/answers/ and docs/; gives notebooks/, release/ and what is generated. Imported by the commands
and by rehearsals; what a released notebook is stands in `grading.course.release`, which grading needs too.
"""
