"""The clinic's pages, one file for each subject."""
