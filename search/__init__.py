"""Search and matching as a library: text, queries, engines, scores. No web, no database."""
