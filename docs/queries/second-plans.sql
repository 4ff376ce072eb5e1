-- How many children who began a plan had one before, and within two years?
SELECT year_from, children, had_one_before, within_two_years,
       round(100.0 * had_one_before / children, 1) AS ever_percent, round(100.0 * within_two_years / children, 1) AS recent_percent
  FROM analysis.cpp_second_plan
 ORDER BY authority, year_from
