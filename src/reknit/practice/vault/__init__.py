"""What is encrypted at rest: key rings, and the model fields that use them."""
