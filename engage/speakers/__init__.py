"""People whom we invite to speak; no account needed."""
