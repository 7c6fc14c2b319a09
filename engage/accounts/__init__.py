"""People who sign in, their roles, and the sessions that they hold."""
