"""Tests in Chromium, with and without JavaScript."""
