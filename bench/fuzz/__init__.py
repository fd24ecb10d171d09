"""A great many inputs of every kind into every way into the product: none may break it (see __main__)."""
