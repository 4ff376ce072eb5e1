"""Duties to hold a first conference: initial, pre-birth, transfer-in, and before an emergency order runs out."""
from facts import INITIAL, NEEDLESS, day, instant, own
from limits import LON, Limit, Owed, Procedure, soonest


class Conferences(Procedure):
    def initial_conferences(self, child):
        """15 working days from the strategy discussion at which each enquiry began (MAN-1, ENG-1)."""
        duties = []
        for talk, enquiry in self.beginnings(child):
            anchor, on = (talk[1]["id"], day(talk[0]["heldAt"])) if talk else (enquiry[1]["id"], day(own(enquiry[1])))
            limits = self.limits("initial_conference", anchor, on)
            if not talk:
                limits = [limit._replace(due=None) for limit in limits if limit.rule.startswith("ENG")]
            duties.append((on, enquiry, limits))
        duties.sort(key=lambda duty: duty[0])
        self.before_birth(child, duties)
        for on, _, limits in duties:
            if limits[0].due:
                self.owe("initial_conference", limits, child=child)
            else:
                limit = limits[0]
                self.owed.append(Owed("initial_conference", child, None, None, limit.rule, limit.count, limit.unit,
                                      limit.anchor, on, None))
        self.emergency_orders(child, duties)

    def beginnings(self, child):
        """The discussion that an enquiry names; else the latest marked as its beginning by then; a marked one that no enquiry
        took is a beginning of its own."""
        latest = {data["discussionId"]: (data, event) for data, event in self.told["strategy_discussion.held"]
                  if child in data["childIds"]}
        started = {data["enquiryId"]: (data, event) for data, event in self.told["s47_enquiry.started"]
                   if child in data["childIds"]}
        found, taken = [], set()
        for named in (True, False):
            for enquiry in started.values():
                name = enquiry[0].get("discussionId")
                if (name in latest) != named:
                    continue
                free = [t for t in latest.values() if t[0]["discussionId"] not in taken]
                marked = [t for t in free if t[0].get("initiatedS47") and day(t[0]["heldAt"]) <= day(own(enquiry[1]))]
                talk = latest[name] if named else (marked or free[:1] or [None])[-1]
                taken.add(talk and talk[0]["discussionId"])
                found.append((talk, enquiry))
        return found + [(talk, None) for name, talk in latest.items() if talk[0].get("initiatedS47") and name not in taken]

    def lapsed(self, child, duties, place):
        """Whether no conference was required of an enquiry, and none is asked for since."""
        on, enquiry, _ = duties[place]
        until = duties[place + 1][0] if place + 1 < len(duties) else None
        declined = False
        for meeting in self.conferences.values():
            if child not in meeting["children"] or meeting["type"] not in INITIAL | {None}:
                continue
            name = self.case.requests.get(meeting["id"])
            asked = self.case.requested.get(meeting["id"]) or self.case.booked.get(meeting["id"]) or meeting["held"]
            if not ((enquiry and name == enquiry[0]["enquiryId"]) if name
                    else not asked or asked >= on and (not until or asked < until)):
                continue
            refused = self.case.convening.get(meeting["id"]) == "no"
            if meeting["held"] or not refused and meeting["broken"] != "cancelled":
                return False
            declined |= refused
        told = self.case.completed.get(enquiry[0]["enquiryId"], {}).get("outcomes", []) if enquiry else []
        result = next((o["outcome"] for o in told if o["childId"] == child), None)
        return result in NEEDLESS or declined

    def expected(self, child):
        """The days of delivery that were told, the one in force last: (day, what came with it, event, since when known)."""
        dates = [(data["edd"], data, event) for data, event in self.told["child.registered"]
                 if data["childId"] == child and data.get("edd") and not data.get("dateOfBirth")]
        for name, field in (("pregnancy.recorded", "edd"), ("pregnancy.edd_revised", "newEdd")):
            dates += [(data[field], data, event) for data, event in self.told[name] if data["childId"] == child]
        return [(day(on), data, event, day(data.get("eddRecordedAt") or data.get("revisedAt") or event["time"]))
                for on, data, event in dates]

    def before_birth(self, child, duties):
        """Ten weeks before the expected delivery, where that is sooner than the limit of the enquiry; by itself where no enquiry
        runs, where it was past before the enquiry began or before the pregnancy was known, and where the birth ended it."""
        dates = self.expected(child)
        if not dates:
            return
        on, _, event, known = dates[-1]
        said = lambda name: [data[name] for _, data, _, _ in dates if data.get(name) is not None][-1:]
        if said("proceedingsContemplated") == [True]:
            self.owe("preproceedings_letter", self.limits("preproceedings_letter", event["id"], on), child=child)
        born = self.case.born.get(child)
        before = [place for place, duty in enumerate(duties) if not born or duty[0] < born]
        running = [place for place in before if not self.lapsed(child, duties, place)]
        place = (running or before or [None])[-1]
        met = any(not born or m["held"] <= born for m in self.case.held(child, INITIAL))
        for limit in self.delivery_limits(dates, said("prematureRisk") == [True]):
            passes = [(limit.due + (other - on), told) for other, _, _, told in dates]
            was_known = any(told <= due < after for (due, told), (_, after) in zip(passes, passes[1:]))
            is_alone = (
                limit.due < known and not was_known or born and not met and child not in self.case.lives_ended
                or bool(before) and not running or place is not None and limit.due < duties[place][0])
            if is_alone or place is None:
                self.owe("initial_conference", [limit], child=child)
            else:
                duties[place][2].append(limit)

    def delivery_limits(self, dates, is_premature):
        on, _, event, _ = dates[-1]
        limits = self.limits("before_birth", event["id"], on)
        targets = [(on, data, event) for on, data, event, _ in dates if data.get("targetDate")]
        if self.policy == LON and is_premature and targets:
            on, data, event = targets[-1]
            limits.append(Limit("LON-1.16b", None, None, event["id"], on, day(data["targetDate"]), 0))
        return limits

    def emergency_orders(self, child, duties):
        """Before an emergency protection order runs out, or by the conference's own limit where that is sooner."""
        for order, event in self.told["court_order.made"]:
            if order["orderType"] != "epo" or child not in order["childIds"]:
                continue
            extended = [d["newExpiresAt"] for d, _ in self.told["court_order.extended"] if d["orderId"] == order["orderId"]]
            expires, made = (extended or [order.get("expiresAt")])[-1], day(own(event))
            held = self.case.held(child, INITIAL)
            met = lambda on: next((m["held"] for m in held if m["held"] >= on), None)
            begun = [d for d in duties if d[2][0].due and d[0] <= day(expires) and (not met(d[0]) or met(d[0]) >= made)]
            wanted = any(child in m["children"] and m["type"] in INITIAL and
                         (m["held"] >= made if m["held"] else m["broken"] != "cancelled") for m in self.conferences.values())
            if not begun and not wanted:
                continue
            due = instant(expires)
            own_limit = soonest(begun[-1][2]) if begun else None
            if own_limit and own_limit < day(expires):
                due = own_limit
            limits = self.limits("emergency_order_conference", event["id"], made)
            self.owe("emergency_order_conference",
                     [limit._replace(due=due, count=None, unit=None) for limit in limits], child=child)

    def transfers(self, child):
        for name, duty in (("transfer_in.notified", "transfer_in_conference"),
                           ("transfer_out.notified", "receiving_conference")):
            for data, event in self.told[name]:
                if data["childId"] == child and data.get("permanent") is True:
                    self.owe(duty, self.limits(duty, event["id"], day(data["notifiedAt"])), child=child)
