"""The `gradus` command: one subcommand per step, and what it prints. Nobody imports it."""
