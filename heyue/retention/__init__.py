"""How long what is kept, and what a person may ask of it. Rules and data only; the store and the desk apply them."""
