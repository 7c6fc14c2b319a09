"""Recordings and files that people give us: taken in, measured by decoding, made harmless, stored."""
