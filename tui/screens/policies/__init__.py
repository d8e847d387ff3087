"""Share policies: who is entitled to what in a queue, who uses it, and the dialogs that change it."""
