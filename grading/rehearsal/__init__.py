"""To try it out before a class does: made-up classes with damaged files, the demo, and what this machine offers.

Takes a course with its answer banks; gives submissions, tables and a verdict on the machine. Imported by the commands.
"""
