"""The errors that a user is meant to read."""


class ScanError(ValueError):
    """Base of this package's errors: one line says what was wrong and what to do.

    In a notebook it is shown as an IPython ``UsageError``, without a traceback.
    """


class InvalidInputError(ScanError):
    """An option, the params dict, the data or the cell is missing or invalid."""


class ResumeError(ScanError):
    """The scan cannot resume the earlier one: they differ, or it is not clear whether it should."""


class DamagedScanError(ScanError):
    """A file in a scan's folder is missing or cannot be read."""
