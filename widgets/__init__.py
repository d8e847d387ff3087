"""Reusable Textual widgets. They know rows, numbers and text, and nothing of AWS."""
