"""Changes."""

from engage.consultations.services.creating import NewFramework, NewQuestion, create_consultation
from engage.consultations.services.locking import lock_question

__all__ = ["NewFramework", "NewQuestion", "create_consultation", "lock_question"]
