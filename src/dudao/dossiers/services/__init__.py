"""What people do with dossiers. One public function is one thing that a person can do."""
