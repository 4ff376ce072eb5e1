-- What share of initial conferences was held within 15 working days of the start of the enquiry, by year?
SELECT year_from, conferences, days_0_10, days_11_15, days_16_20, days_21_or_more, within_15_percent, lower_quartile, median,
       upper_quartile
  FROM analysis.icpc_bins
 ORDER BY authority, year_from
