"""What comes in from the lender: case files and payment files, checked row by row."""
