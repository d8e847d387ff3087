"""Everything queuedeck changes in AWS passes here: one layer for the dialogs and the commands."""
