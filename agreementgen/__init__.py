"""agreementgen writes partnership agreements from a deal file."""

__version__ = "0.1.0"
