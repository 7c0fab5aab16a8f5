"""The record as a whole in the window: check, back up, restore, erase, export, the trail."""
