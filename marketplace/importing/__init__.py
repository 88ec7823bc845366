"""The one import runner: tables from files, mapped to fields, stored in batches, reported row by row.

It knows nothing of what is imported: a feature brings its fields and a sink that stores records.
"""
