"""The door from a clinic's record system: SMART App Launch."""
