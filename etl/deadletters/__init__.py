"""Orders that were refused or held → a sheet a librarian edits → the same orders, corrected and sent."""
