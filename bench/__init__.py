"""What the speed claims rest on; `make bench` runs it, README.md says how to read it."""
