"""How words reach a borrower: the providers of WeChat and SMS behind one port."""
