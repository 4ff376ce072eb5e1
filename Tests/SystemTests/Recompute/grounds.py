"""What an ending of a plan rests on: age, whereabouts and orders, who decided that another plan stays, who was consulted."""
import datetime

from facts import day, instant, months, own
from papers import latest
from reviews import Reviews, concerns

FAMILY = {"parent_carer", "child", "supporter", "interpreter"}


class Grounds(Reviews):
    # --- By what befell the child -------------------------------------------------------------------------------------

    def is_adult(self, ending):
        born = self.case.born.get(ending.plan["childId"])
        adult = born and months(born, 216)
        return bool(born) and ending.on >= adult + datetime.timedelta(adult.day != born.day)

    def has_moved(self, ending):
        """The receiving authority has conferred since the last notice of the move, and before the end."""
        child = ending.plan["childId"]
        notices = [data for data, _ in self.told["transfer_out.notified"]
                   if data["childId"] == child and day(data["notifiedAt"]) <= ending.on]
        if notices and notices[-1].get("permanent") is False:
            return False
        since, recorded = notices and day(notices[-1]["notifiedAt"]), ending.data.get("recordedAt")
        for data, _ in self.told["transfer_out.conference_confirmed"]:
            held = data["conferenceHeldAt"]
            is_before = day(held) < ending.on or (
                day(held) == ending.on and not (recorded and latest(recorded) <= instant(held)))
            if data["childId"] == child and is_before and not (since and day(held) < since):
                return True
        return False

    def absences(self, child):
        """When the child was believed to have left the country, each until a place was confirmed."""
        found = []
        for name, data, event in self.case.facts:
            if name == "child.left_country_reported" and data["childId"] == child and not (found and not found[-1][1]):
                found.append([day(data["reportedAt"]), None])
            elif name == "child.location_confirmed" and data["childId"] == child and found and not found[-1][1]:
                found[-1][1] = day(data["confirmedAt"])
        return found

    def is_lost(self, ending):
        return any(start <= ending.on and not (end and end <= ending.on)
                   for start, end in self.absences(ending.plan["childId"]))

    def is_abroad(self, ending):
        places = [data.get("abroad") for data, _ in self.told["child.location_confirmed"]
                  if data["childId"] == ending.plan["childId"] and day(data["confirmedAt"]) <= ending.on]
        return places[-1:] == [True] or self.is_service_managers(ending)

    def is_service_managers(self, ending):
        """The decision to end while the child is not found is the service manager's."""
        if ending.ground == "abroad" and ending.data.get("decidedByRole") == "service_manager":
            return True
        since = [start for start, _ in self.absences(ending.plan["childId"]) if start <= ending.on][-1:]
        return any(data.get("decision") == "end" and data.get("decidedByRole") == "service_manager" and data.get("decidedAt")
                   and day(data["decidedAt"]) <= ending.on and not (since and day(data["decidedAt"]) < since[0])
                   for data, _ in self.told["child.whereabouts_decided"] if concerns(data, ending.plan))

    # --- By another plan ------------------------------------------------------------------------------------------------

    def is_replaced(self, ending):
        """Both, or a combined meeting, decided that the care plan stays."""
        if not ending.fault and ending.meeting["type"] == "combined" and ending.decision in (None, "end"):
            return True
        return any(data.get("planKept") == "care" and own(event) and day(own(event)) <= ending.on
                   and self.is_taken_rightly(data) for data, event in self.told["plan.dual_decided"] if concerns(data, ending.plan))

    def is_taken_rightly(self, data):
        if data.get("route") != "combined":
            return {"team_manager", "conference_chair"} <= {person.get("role") for person in data.get("decidedBy") or []}
        named = self.conferences.get(data.get("conferenceId"))
        if named:
            return named["type"] == "combined" and bool(named["held"])
        held = self.case.held(data.get("childId"), {"combined"})
        return any(meeting["held"] == day(data.get("decidedAt")) for meeting in held)

    def is_exempt(self, ending):
        judged = {"aged_18": self.is_adult, "moved": self.has_moved, "abroad": self.is_abroad}
        return judged[ending.ground](ending) if ending.ground in judged else (
            ending.ground == "died" and any(d["childId"] == ending.plan["childId"] for d, _ in self.told["child.died"]))

    def has_care_order(self, ending):
        ended = {data["orderId"]: day(data["endedAt"]) for data, _ in self.told["court_order.ended"]}
        orders = {data["orderId"]: day(data["madeAt"]) for data, _ in self.told["court_order.made"]
                  if data["orderType"] == "care" and ending.plan["childId"] in data["childIds"] and data.get("madeAt")}
        return any(made <= ending.on and not (order in ended and ended[order] <= ending.on) for order, made in orders.items())

    def is_consulted(self, ending):
        """Every agency first invited and everyone of today's core group, before the day of the end."""
        plan = ending.plan
        asked = [voice for data, _ in self.told["plan.end_consulted"] if data["planId"] == plan["planId"]
                 for voice in data.get("consulted") or []
                 if voice.get("consultedAt") and day(voice["consultedAt"]) < ending.on]
        people, agencies = ({voice.get(name) for voice in asked} - {None} for name in ("personId", "agency"))
        made = self.made_by(plan)
        lists = self.of(made["id"], "conference.invite_list_submitted") if made else []
        invited = plan.get("initialInvitees") or (lists[-1][0]["invitees"] if lists else [])
        for person in invited:
            agency = person.get("agency")
            spoken_for = {person.get("personId")}
            spoken_for |= {p.get("personId") for p in invited if agency and p.get("agency") == agency}
            if person.get("role") in FAMILY | {"observer"} or spoken_for & people or agency in agencies:
                continue
            if agency or person.get("personId"):
                return False
        group = all(member.get("personId") in people if member.get("personId") else
                    not member.get("agency") or member["agency"] in agencies for member in self.core_group(plan, ending.on))
        return bool(asked) and group

    def core_group(self, plan, on):
        """Who was named when the plan began, or took over from them, and who came last."""
        now = {person.get("personId"): person.get("personId") for person in plan.get("coreGroup") or []}
        for data, event in self.told["allocation.changed"]:
            if data["childId"] == plan["childId"] and data.get("toPersonId") and day(data["effectiveAt"]) <= on:
                now = {first: data["toPersonId"] if last and last == data.get("fromPersonId") else last
                       for first, last in now.items()}
        named = [person | {"personId": now[person.get("personId")]} for person in plan.get("coreGroup") or []]
        came = [data.get("attendees") or [] for data, _ in self.told["core_group.held"]
                if data["planId"] == plan["planId"] and day(data["heldAt"]) <= on][-1:]
        return [person for person in sum(came, named) if person.get("role") not in FAMILY]
