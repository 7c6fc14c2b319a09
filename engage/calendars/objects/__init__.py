"""Calendar objects as pure functions: no database, no request, no clock."""
