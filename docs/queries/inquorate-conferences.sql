-- Which conferences of the last twelve months went ahead without a quorum?
SELECT held_on, conference_id, conference_type, case_reference, count(*) AS children
  FROM analysis.quorum
 WHERE quorum = 'inquorate' AND held_on > analysis.today() - interval '12 months'
 GROUP BY authority, held_on, conference_id, conference_type, case_reference
 ORDER BY held_on, conference_id
