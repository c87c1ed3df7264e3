"""The therapist's pages, one module for each place a therapist goes to."""
