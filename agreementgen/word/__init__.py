"""Word files of law firms: reading them safely, finding what is missing, and templates that a firm lays out in Word."""
