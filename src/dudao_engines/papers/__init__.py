"""Official papers (公文): templates, filling, and .docx in the layout of GB/T 9704-2012 (docs/reference/papers.md)."""
