"""What looks like advertising. Everything here only ever makes a person look; nobody but a moderator refuses."""
