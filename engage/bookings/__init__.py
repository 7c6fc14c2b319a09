"""Places: who has one, who gave one back, who came."""
