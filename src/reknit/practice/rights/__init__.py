"""What people may ask of the house: a copy, to be forgotten, and that nothing is ever lost."""
