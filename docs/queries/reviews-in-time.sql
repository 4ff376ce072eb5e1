-- Of children on a plan on 31 March, how many had all their reviews in time: by months, and by days?
SELECT year_to, children, in_time_by_months, in_time_by_months_percent, in_time_by_days, in_time_by_days_percent
  FROM analysis.reviews_in_time
 ORDER BY authority, year_to
