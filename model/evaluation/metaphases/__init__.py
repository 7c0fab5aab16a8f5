"""How well photographs of metaphases are separated and classified."""
