"""Making a recording again: decoded, measured, encoded, in a process of its own."""
