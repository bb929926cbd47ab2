"""Members brought along from elsewhere: read, checked as a whole, then taken or refused as a whole."""
