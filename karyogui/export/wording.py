"""Sentences that stand on more than one kind of export."""

from __future__ import annotations

PROPOSAL_HEADING = "ISCN proposal (cell finding)"
AID = "Not a certified medical device; an aid to a qualified person."
DEMO_CELL = "Generated demonstration cell: not a person's chromosomes."
NO_CELLS = "No cells in this case."
