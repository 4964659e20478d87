"""Reading standards and what a county says of them."""
