"""The forms in which days are said, one module a family. They register themselves with heyue.understanding.days."""
