"""The outbox: what will be sent, rendered once, and handed over by the worker."""
