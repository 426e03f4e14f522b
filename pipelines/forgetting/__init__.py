"""One customer taken out of everything that a workspace holds, with a certificate."""

from pipelines.forgetting.certificate import Certificate, Place
from pipelines.forgetting.forget import forget
from pipelines.forgetting.journal import finish_pending

__all__ = ["Certificate", "Place", "finish_pending", "forget"]
