"""Pages for anyone, and pages opened by a private link."""
