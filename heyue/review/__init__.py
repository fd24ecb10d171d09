"""Quality review (质检): scorecard, sampling, agreement of reviewers, health of the rules, corrected labels. Pure rules."""
