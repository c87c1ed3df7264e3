"""The door where staff sign in, and look after their sign-in."""
