"""What learning platforms say of a file: whose it is, by names and keys, and when it was handed in.

Takes paths and the lists that platforms put beside files; gives claims, which the other modules of intake weigh.
"""
