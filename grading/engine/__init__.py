"""From a task, the bytes of one submission, to its result: fork servers, guests and the pool or cluster above them.

Takes a `Task`, gives a `Graded`; knows no folder of the course, no gradebook and no page. Imported by records,
rehearsals and commands, which hand it tasks.
"""
