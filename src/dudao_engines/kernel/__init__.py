"""Parts that every engine may use: codes, periods, digests, errors."""
