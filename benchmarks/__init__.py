"""How fast: each benchmark prints its figures in one run; docs/ keeps them with their date."""
