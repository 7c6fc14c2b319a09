"""What a mail that came in is. Pure reading: no database, no clock, and nothing a mail says can make it fail."""
