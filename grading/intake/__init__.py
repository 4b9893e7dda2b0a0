"""From what students handed in, as folders and archives of many layouts, to one folder a student and stage.

Takes downloads; gives submitted/<student>/<stage>/. Imported by the commands.
"""
