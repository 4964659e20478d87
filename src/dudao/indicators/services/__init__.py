"""What people say of a standard. One public function is one thing that a person can do."""

from dudao.indicators.services.saying import choose, record_check, take_back

__all__ = ["choose", "record_check", "take_back"]
