"""Marking by hand: open answers by question, boxes to tick, every mark in marks/<stage>.jsonl before the gradebook.

Takes results, executed notebooks and marking notes; gives marks. Imported by the commands.
"""
