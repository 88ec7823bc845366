"""One module per programme: its facts, its steps, its trace."""
