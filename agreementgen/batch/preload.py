"""Imported by the fork server of a batch, whose workers then begin with everything loaded."""

from agreementgen.batch import work

work.ready_or_not()
