"""A consultation with its answers as one file, out and in again: docs/consultation-file.md is its description (R39)."""

FORMAT = "engage-consultation"
VERSION = 1
