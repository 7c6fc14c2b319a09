"""Tests that walk everything."""
