"""Shapes of objects in a photograph: masks, and how they may come apart or belong together."""
