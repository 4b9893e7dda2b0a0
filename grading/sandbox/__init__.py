"""The sandbox: what a student's process sees of this machine, and how much of it that may take.

Takes a command, or the process that it runs in; gives the same, confined. Imported by the engine and the guest.
"""
