"""What people say of a standard. One public function is one thing that a person can do."""
