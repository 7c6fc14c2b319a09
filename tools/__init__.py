"""What `make` runs beside Flask's own commands."""
