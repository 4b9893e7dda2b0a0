"""A course's folder: its secret, files that others fill, the notebooks as released, and nbgrader with its settings.

Takes a folder; gives what lies there. Everybody may import it; it imports results only.
"""
