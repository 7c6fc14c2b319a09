"""Who did what, when, and what changed: written in the transaction of the act."""
