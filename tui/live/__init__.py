"""Keeps the picture fresh: what to ask AWS and when, and the last good answer with its age."""
