"""What Python says of a cell's code: the names it defines and uses, what it cannot read, what is suspicious.

Takes source text, gives names and text; runs nothing. Everybody may import it; it imports nothing of ours.
"""
