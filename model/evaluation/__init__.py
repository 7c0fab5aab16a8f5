"""Measuring a network the way the paper measures."""
