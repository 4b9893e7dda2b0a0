"""Results: what grading gives, typed, and all the words for it. Everybody may import it; it imports `helpers` only."""
