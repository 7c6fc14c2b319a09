"""Stands before a package that only the tests install and that structlog would load if it were there: 4 MB."""

raise ImportError
