"""Responses as files that people take away: who may have what, row by row, in four formats."""
