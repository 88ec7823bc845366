"""Adding and removing words, what they would change, and which of them a process reads with."""
