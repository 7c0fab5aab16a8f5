"""The metaphase as it was photographed, with the objects that were found in it."""
