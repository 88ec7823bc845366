"""Rules as data: dated parameters with references, pure calculations, and a trace of every step.

Nothing here knows Flask, the database or the clock: facts, the day, the calendar and the rule set are handed
in. Facts and results carry the names of the policy cases; every amount is an integer number of fen.
"""
