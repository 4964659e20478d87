"""Inspections: a team, a unit, a notice, a preliminary opinion, an opinion, a report; what is wrong becomes findings."""
