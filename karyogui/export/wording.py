"""Sentences that stand on more than one kind of export."""

from __future__ import annotations

from karyogui.domain.analysis import AssignmentSummary

PROPOSAL_HEADING = "ISCN proposal (cell finding)"
AID = "Not a certified medical device; an aid to a qualified person."
DEMO_CELL = "Generated demonstration cell: not a person's chromosomes."
UNIDENTIFIED = "unidentified"
"""What stands in the place of a patient of whom neither name nor identifier is known."""
PRELIMINARY = "Preliminary: not yet reviewed"
NO_CELLS = "No cells in this case."
EVIDENCE_DISAGREES = "Image evidence disagrees with the assignment."

_METHODS = {
    "map": "the types of all chromosomes together that make the whole cell most probable",
    "dispatch": "each its most probable type; a third of one type only where all three are sure",
}


def assignment_line(assignment: AssignmentSummary) -> str:
    """The method in one line."""
    what = _METHODS.get(assignment.method)
    return f"{assignment.label}: {what}" if what else assignment.label
