"""How values and messages cross between a guest and the judge: frames, JSON and raw bytes. Nothing is unpickled.

Takes and gives values of Python, NumPy and torch. Imported by both ends, `guest` on the one, `judging` and `engine` on
the other.
"""
