"""What a lead looks at: what became of contacts, as figures. Pure rules over narrow rows."""
