"""For which children a conference lacked its quorum, from its attendance and its own claim (001, 3.10)."""
import collections

from facts import INITIAL, REVIEW

CARE = "childrens_social_care"
# The family and those who come with them, observers, and who leads, records or advises.
NO_SEAT = {
    "child", "parent_carer", "supporter", "interpreter", "observer", "conference_chair", "cp_chair_manager",
    "other_independent_chair", "iro", "meeting_support_assistant", "legal_adviser", "child_legal_representative",
}


def is_quorate(meeting, child):
    """Social care, and two other agencies that have had direct contact with the child; None where nobody says a word of contact."""
    people = [p for p in meeting["attendees"] if p.get("role") not in NO_SEAT]
    agencies = {p.get("agency") for p in people} - {None}
    if not any(p.get("basis") or "directContactChildIds" in p for p in people):
        return None
    knows = lambda p: p.get("basis", "direct_contact") == "direct_contact" and child in p.get("directContactChildIds", [])
    known = {p["agency"] for p in people if knows(p)} - {CARE}
    if CARE in agencies and len(known) >= 2:
        return True
    # Of a child whom fewer than three agencies have seen, those who have are enough: where nobody was missing.
    return CARE in agencies and len(agencies) < 3 and meeting["absentees"] == []


def lacking(conferences):
    """By conference, the children. A meeting that calls itself inquorate is believed, unless it was so for another child."""
    found = collections.defaultdict(set)
    for meeting in conferences:
        if meeting["held"] and meeting["type"] in INITIAL | REVIEW:
            judged = {child: is_quorate(meeting, child) for child in meeting["children"]}
            is_believed = meeting["claim"] == "inquorate" and False not in judged.values()
            found[meeting["id"]] = {child for child, good in judged.items() if is_believed or good is False}
    return found
