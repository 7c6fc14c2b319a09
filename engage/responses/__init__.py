"""The one store: answers, comments, consent, receipts, decisions."""
