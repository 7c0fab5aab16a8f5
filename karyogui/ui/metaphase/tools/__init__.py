"""The metaphase's tools: each turns mouse and keys into at most one repair a gesture."""
