"""From a student's files, damaged or rearranged, to the instructor's notebook with the answers in place.

Takes bytes and the instructor's notebook; gives a notebook and remarks on what was found where. Imported by the engine,
and by intake, which asks of which stage a notebook is.
"""
