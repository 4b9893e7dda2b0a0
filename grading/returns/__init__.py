"""What goes back: a learning platform's own files filled in, feedback to upload, and plain tables, in returns/<stage>/.

Takes results, marks and pages of feedback; gives files. Imported by rehearsals and commands.
"""
