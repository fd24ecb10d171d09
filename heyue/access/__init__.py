"""Who may use the coach: people, roles, passwords, lock-out. Rules only; the store and the desk apply them."""
