-- Groups of administrators are not looked up while nobody asks who is in them.

DELETE FROM scope_pins WHERE kind = 'admin';
