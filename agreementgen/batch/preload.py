"""Imported by the fork server of a batch, whose workers then begin with everything loaded."""

from agreementgen.batch import worker

worker.warm_up_if_possible()
