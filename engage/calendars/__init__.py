"""Calendar invitations and their life; objects/ is pure."""
