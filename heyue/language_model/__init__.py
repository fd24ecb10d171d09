"""An optional language model behind an OpenAI-compatible endpoint. It may word a line; it decides and knows nothing.

What is sent holds marks in place of names, numbers, sums and days (concealed.py); what comes back is said only if every
check lets it (line_rules.py and each task's own), else the handwritten line stands.
"""
