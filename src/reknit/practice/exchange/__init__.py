"""Records of the practice as dossiers for exchange, and dossiers back into records."""
