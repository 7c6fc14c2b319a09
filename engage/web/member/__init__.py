"""Signing in, and a member's own pages."""
