"""What instructors run: from the author's text to the notebooks, and from the submissions to the grades."""
