"""Common demands (共性需求): near-duplicate demands of different firms, pooled with the consent of each."""
