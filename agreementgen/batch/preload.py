"""Imported by the fork server of a batch, whose workers then begin with everything loaded."""

from agreementgen.batch import worker

worker.ready_or_not()
