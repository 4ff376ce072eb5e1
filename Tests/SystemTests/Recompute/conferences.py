"""Duties to hold a first conference: initial, pre-birth, transfer-in, and before an emergency order runs out."""
import datetime

from acts import Acts, Off
from facts import INITIAL, NEEDLESS, day, instant, own
from limits import CD, LON, Limit, soonest


class Conferences(Acts):
    def initial_conferences(self, child):
        """15 working days from the strategy discussion at which each enquiry began (MAN-1, ENG-1)."""
        duties = []
        for talk, enquiry in self.beginnings(child):
            begun = talk[1] if talk else enquiry[1]
            limits = self.limits("initial_conference", begun["id"], day(own(begun)))
            if not talk:
                limits = [limit._replace(due=None) for limit in limits]
            duties.append((day(own(begun)), enquiry, limits, enquiry[0]["enquiryId"] if enquiry else self.occasion(begun)))
        duties.sort(key=lambda duty: (duty[0], duty[3]))
        self.before_birth(child, duties)
        for place, (on, _, limits, occasion) in enumerate(duties):
            act, off = self.answer(child, duties, place)
            self.owe("initial_conference", limits, occasion, child=child, act=act, off=off,
                     booked=self.booking(child, on, INITIAL))
        self.emergency_orders(child, duties)

    def answer(self, child, duties, place):
        """The first conference since, up to the day from which none was required."""
        act, lapse = self.met_by(self.first_held(child, INITIAL, duties[place][0])), self.lapse(child, duties, place)
        if not lapse:
            return act, self.life_off(child)
        return act if act and day(act.at) <= lapse else None, Off("not_required", None)

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

    def lapse(self, child, duties, place):
        """The day from which no conference was required of an enquiry, where none is asked for since: it came to nothing, it was
        decided not to convene, or the child was on a plan, for whom an early review answers."""
        on, enquiry = duties[place][:2]
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
            if meeting["held"] or self.is_open(meeting):
                return None
            declined |= meeting["id"] in self.declined
        completed = self.case.completed.get(enquiry[0]["enquiryId"], {}) if enquiry else {}
        result = next((o["outcome"] for o in completed.get("outcomes", []) if o["childId"] == child), None)
        over = day(completed["completedAt"]) if result else None
        return over if result in NEEDLESS else on if declined or self.is_on_plan(child, on, over) else None

    def is_on_plan(self, child, on, over):
        """Since before the enquiry, and beyond its end."""
        ends = [self.plan_end(plan) for plan in self.case.plans.values()
                if plan["childId"] == child and day(plan["startedOn"]) < on]
        return any(not end or over and end > max(over, on) for end in ends)

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
        said = lambda name: [data[name] for _, data, _, _ in dates if data.get(name) is not None][-1:]
        if said("proceedingsContemplated") == [True]:
            self.letter_before_proceedings(child, dates)
        on, born, life = dates[-1][0], self.case.born.get(child), self.life_off(child)
        before = [place for place, duty in enumerate(duties) if not born or duty[0] < born]
        running = [place for place in before if not self.lapse(child, duties, place)]
        place = (running or before or [None])[-1]
        first = next(iter(self.case.held(child, INITIAL)), None)
        act = self.met_by(first if first and not self.born_before(first, child) else None)
        together = []
        for limit in self.delivery_limits(dates, said("prematureRisk") == [True]):
            limit = limit._replace(occasion=f"{child}/pregnancy")
            late = self.is_known_late(limit, dates)
            off = life
            if not life and not act and born:
                off = self.birth_off(born, late)
            elif not life and not act and (before and not running or self.is_unneeded(child, before)):
                off = Off("not_required", None)
            is_alone = (late or limit.due is None or off and off != life or bool(before) and not running
                        or place is not None and limit.due < duties[place][0])
            if is_alone:
                self.by_delivery(child, [limit], on, act, off, late)
            elif place is None:
                together.append(limit)
            else:
                duties[place][2].append(limit)
        self.by_delivery(child, together, on, act, life)

    def letter_before_proceedings(self, child, dates):
        act = self.first([(data, sent) for data, sent in self.told["preproceedings_letter.sent"] if data["childId"] == child])
        born, life = self.case.born.get(child), self.life_off(child)
        limits = self.limits("preproceedings_letter", dates[-1][2]["id"], dates[-1][0])
        late = bool(limits) and self.is_known_late(limits[0], dates)
        self.owe("preproceedings_letter", limits, f"{child}/pregnancy", child=child, act=act, known_late=late,
                 off=life or (self.birth_off(born, late and not act) if born else None))

    def birth_off(self, born, never):
        """The birth ends it; what was past when first known was never owed."""
        return Off("pregnancy_ended", None if never else born)

    def by_delivery(self, child, limits, on, act, off, late=False):
        self.owe("initial_conference", limits, f"{child}/pregnancy", child=child, act=act, off=off, known_late=late,
                 booked=self.booking(child, on - datetime.timedelta(365), INITIAL))

    def is_unneeded(self, child, enquiries):
        """The risk is over, or of a child without an enquiry it was decided not to convene; and no conference is asked for."""
        assessed = [data.get("riskNoLongerApplies") for data, _ in self.told["prebirth_assessment.completed"]
                    if data["childId"] == child]
        declined = any(child in meeting["children"] and meeting["id"] in self.declined and meeting["type"] in INITIAL | {None}
                       for meeting in self.conferences.values())
        return not self.is_wanted(child) and (assessed[-1:] == [True] or not enquiries and declined)

    def is_known_late(self, limit, dates):
        """Past when the day of delivery in force was first known, and never known in time before."""
        on, _, _, known = dates[-1]
        if limit.due is None:
            return False
        passes = [(limit.due + (other - on), told) for other, _, _, told in dates]
        return limit.due < known and not any(told <= due < after for (due, told), (_, after) in zip(passes, passes[1:]))

    def delivery_limits(self, dates, is_premature):
        on, _, event, _ = dates[-1]
        limits = self.limits("before_birth", event["id"], on)
        if self.policy == LON and is_premature:
            # The manager's own day; where none is set it cannot be dated.
            targets = [(on, day(data["targetDate"]), event) for on, data, event, _ in dates if data.get("targetDate")]
            on, target, event = targets[-1] if targets else (on, None, event)
            limits.append(Limit("LON-1.16b", *((None, None) if target else (0, CD)), event["id"], on, target, 0))
        return limits

    def emergency_orders(self, child, duties):
        """Before an emergency protection order runs out, or by the conference's own limit where that is sooner."""
        for order, event in self.told["court_order.made"]:
            if order["orderType"] != "epo" or child not in order["childIds"]:
                continue
            extended = [d["newExpiresAt"] for d, _ in self.told["court_order.extended"] if d["orderId"] == order["orderId"]]
            expires, made = (extended or [order.get("expiresAt")])[-1], day(own(event))
            met = lambda place: self.answer(child, duties, place)[0]
            begun = [place for place, (on, _, limits, _) in enumerate(duties) if limits[0].due and on <= day(expires)
                     and (not met(place) or day(met(place).at) >= made)]
            wanted = any(child in m["children"] and m["type"] in INITIAL and
                         (m["held"] >= made if m["held"] else self.is_open(m)) for m in self.conferences.values())
            if begun or wanted:
                self.emergency_order(child, order, event, expires, duties, begun[-1:])

    def emergency_order(self, child, order, event, expires, duties, begun):
        due, made, off = instant(expires), day(own(event)), self.life_off(child)
        start = min([made] + [duties[place][0] for place in begun])
        own_limit = soonest(limit for place in begun for limit in duties[place][2] if limit.occasion is None)
        if own_limit and own_limit < day(expires):
            due = own_limit
        ended = [day(d["endedAt"]) for d, _ in self.told["court_order.ended"] if d["orderId"] == order["orderId"]][-1:]
        if ended and ended[0] <= min(day(expires), own_limit or day(expires)):
            off = Off("not_required", ended[0])
        for place in begun:
            act, lapsed = self.answer(child, duties, place)
            off = lapsed if lapsed and lapsed.cause == "not_required" and not act else off
        limits = self.limits("emergency_order_conference", event["id"], made)
        self.owe("emergency_order_conference", [limit._replace(due=due, count=None, unit=None) for limit in limits],
                 order["orderId"], child=child, act=self.met_by(self.first_held(child, INITIAL, start)), off=off,
                 booked=self.booking(child, start, INITIAL))

    def transfers(self, child):
        for data, event in self.told["transfer_in.notified"]:
            if data["childId"] == child and data.get("permanent") is True:
                on = day(data["notifiedAt"])
                self.owe("transfer_in_conference", self.limits("transfer_in_conference", event["id"], on), self.occasion(event),
                         child=child, act=self.met_by(self.first_held(child, INITIAL, on)), off=self.life_off(child),
                         booked=self.booking(child, on, INITIAL))
        for data, event in self.told["transfer_out.notified"]:
            if data["childId"] == child and data.get("permanent") is True:
                on = day(data["notifiedAt"])
                met = [(told, other) for told, other in self.told["transfer_out.conference_confirmed"]
                       if told["childId"] == child and day(told["conferenceHeldAt"]) >= on]
                self.owe("receiving_conference", self.limits("receiving_conference", event["id"], on), self.occasion(event),
                         child=child, act=self.first(met), off=self.life_off(child))
