"""One file per screen or dialog: layout, keys, and calls to the layers below."""
