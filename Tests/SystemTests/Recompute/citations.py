"""Where a rule stands in its text: most ids are the paragraph's or the item's own number; the rest are listed."""
import re

TEXTS = {
    "LON": "London CP4 (file 001), paragraph ", "LIN": "Lincolnshire review conferences (file 002), section ",
    "SWI": "Swindon invites and reports (file 004), item ", "CAN": "Cancellation of conferences (file 000), section ",
}
CARE_PLANNING = "regulation 33, Care Planning, Placement and Case Review (England) Regulations 2010"
STATUTE = dict.fromkeys(("1", "2", "3", "7"), "Working Together to Safeguard Children") | dict.fromkeys("456", CARE_PLANNING)
# By points and paragraphs that have no number.
PLACES = {
    "LON-1.11": "on pre-birth conferences (unnumbered, between 1.10 and 1.12)", "LIN-2.3": "2, third point",
    "LIN-2.4": "2, fourth point", "LIN-2.5": "2, fifth point", "LIN-2.6": "2, sixth point",
    "LIN-2.7": "2, paragraph on children believed to have left the country", "LIN-2.8": "2, last paragraph",
    "LIN-3.1": "3, item 1", "LIN-3.2": "3, item 2", "LIN-3.3": "3, item 3", "LIN-3.4d": "3, item 4.4",
    "LIN-7.3": "7, third paragraph", "CAN-1.6": "1", "CAN-2.7": "2",
}


def citation(rule):
    text, number = rule.split("-")
    paragraph = re.sub("[a-z]$", "", number)
    if text == "ENG":
        return STATUTE[number]
    return TEXTS[text] + (PLACES.get(rule) or PLACES.get(f"{text}-{paragraph}") or paragraph)
