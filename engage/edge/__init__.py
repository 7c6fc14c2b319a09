"""What every door shares: access, same-origin proof, headers, limits, request ids."""
