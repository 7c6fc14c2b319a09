"""What the templates of each kind of mail need, a module for each topic."""
