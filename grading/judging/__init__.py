"""The judge: checks run here, outside the process of the student's code, of which they see values.

Takes the source of setup cells and checks, and a connection to a guest; gives what each check said. Imported by the
engine; it trusts nothing that a guest sends.
"""
