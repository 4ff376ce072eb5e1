-- How long had plans lasted when they ended?
SELECT year_from, plans_ended, up_to_3_months, up_to_6_months, up_to_1_year, up_to_2_years, two_years_and_over
  FROM analysis.cpp_end_duration
 ORDER BY authority, year_from
