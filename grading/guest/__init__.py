"""All that runs in the process of a student's code, beside it: what is imported before, IPython's shell, and the agent.

Takes questions over a socket, cells to run among them; gives what the cells show, and values. Nothing here is trusted
once a student's cell has run. Only fork servers import it.
"""
