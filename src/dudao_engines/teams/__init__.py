"""Who is responsible for which schools, and who goes on which inspection: an exact solver behind plain values."""
