"""Events, their life, their line-up, and the questions that they discuss."""
