"""What is kept of each submission: its files, its result, the gradebook and the marks given by hand.

Takes a course's folder and a way to grade tasks; gives results on disk, which a kill leaves whole. Imported by pages,
rehearsals and commands.
"""
