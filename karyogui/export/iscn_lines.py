"""What the ISCN checker says, as a line of JSON or as text with the place marked."""

from __future__ import annotations

import json

from karyogui.domain.iscn import Verdict


def verdict_json(verdict: Verdict) -> str:
    """One JSON object on one line, in ASCII: string, valid, problems with ranges of code points."""
    problems = [
        {
            "start": problem.start,
            "end": problem.end,
            "severity": problem.severity.value,
            "message": problem.message,
            "repairs": list(problem.repairs),
        }
        for problem in verdict.problems
    ]
    return json.dumps({"string": verdict.text, "valid": verdict.valid, "problems": problems})


def verdict_text(verdict: Verdict) -> str:
    """The string, then for each problem its place marked, the reason and the repairs."""
    shown = verdict.text.translate(dict.fromkeys((*range(32), 127), "·"))
    head = "valid" if verdict.valid else "not valid"
    if not verdict.problems:
        return f"{shown}\n  {head}"
    lines = [shown]
    for problem in verdict.problems:
        marks = "^" * max(1, problem.end - problem.start)
        lines.append(f"{' ' * problem.start}{marks}")
        lines.append(f"  {problem.severity.value}: {problem.message}")
        lines += [f"    write {repair}" for repair in problem.repairs]
    lines.append(f"  {head}")
    return "\n".join(lines)
