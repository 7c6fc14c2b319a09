"""Consultations, their questions, and the frameworks (missions, goals) that they ask about."""
