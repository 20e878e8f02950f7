"""Imported by the fork server of a batch, whose workers then begin with everything loaded."""

from agreementgen.batch import workers

workers.warm_up_if_possible()
