"""The words that the program and the model share: names, settings, results, files; no network.

Everybody may import it. It needs numpy and the standard library, so it costs no time at start-up.
"""
