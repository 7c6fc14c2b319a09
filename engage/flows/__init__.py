"""Changes that two features make together."""
