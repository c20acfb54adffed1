"""The one error a person is meant to read."""


class ScanError(ValueError):
    """A mistake that one line explains: what was wrong and how to mend it.

    In a notebook it is shown as an IPython ``UsageError``, without a stack.

    Examples
    --------
    >>> raise ScanError("params is empty: give at least one parameter")
    Traceback (most recent call last):
        ...
    talos_magic.errors.ScanError: params is empty: give at least one parameter
    """
