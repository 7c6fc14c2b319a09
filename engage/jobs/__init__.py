"""What the worker does: handlers by name, each job in transactions of its own, nothing sent inside one."""

from engage.jobs.hands import Drawer, Hands, NoServer, OutboxOnly, Transport
from engage.jobs.runner import HANDLERS, Runner, run_due_jobs

__all__ = ["HANDLERS", "Drawer", "Hands", "NoServer", "OutboxOnly", "Runner", "Transport", "run_due_jobs"]
