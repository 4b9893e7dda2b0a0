"""Folders and archives of what was handed in, whatever is in them: one person's odd file costs nobody else anything."""
