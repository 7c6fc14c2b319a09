"""Full text over responses: words and facets in an index of the database's own, behind one interface (`index.py`)."""
