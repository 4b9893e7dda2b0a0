"""From a student's files, damaged or rearranged, to the instructor's notebook with the answers in place.

Takes bytes and the instructor's notebook; gives a notebook and remarks on what was found where. Imported by the engine,
and by intake, which asks of which stage a notebook is.

`merging.merge` leads through it. Each file is read (`reading`, and `salvage` where it is damaged) and rebuilt
(`rebuild`): the `pieces` that it holds are made ready (`preparing`) and matched with the `slots` of the instructor's
notebook (`matching`), what was added to cells that are no answers is split off (`additions`), answers are chosen
(`choosing`) and put in their places (`assembling`). Then one submission is made of all files.
"""
