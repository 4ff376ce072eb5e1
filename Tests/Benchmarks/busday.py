"""Adds working days with numpy.busday_offset, as the yardstick of `quorate bench --only rules`.

Reads from standard input: one line of bank holidays, one of dates, one of counts, each separated by blanks. Prints the
nanoseconds an element (best of five) and the sum of the resulting day numbers, so that both sides are seen to agree.
"""
import sys
import time

import numpy

holidays, dates, counts = (sys.stdin.readline().split() for _ in range(3))
calendar = numpy.busdaycalendar(holidays=numpy.array(holidays, dtype="datetime64[D]"))
dates = numpy.array(dates, dtype="datetime64[D]")
counts = numpy.array(counts, dtype="int64")
best = float("inf")
for _ in range(5):
    start = time.process_time()
    # An anchor on a day off counts from the next working day: the day before it is rolled back to.
    result = numpy.busday_offset(dates, counts, roll="backward", busdaycal=calendar)
    best = min(best, time.process_time() - start)
print(f"{best / len(dates) * 1e9:.2f} {int(result.astype('int64').sum())}")
