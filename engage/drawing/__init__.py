"""Drawing pages as PDF: by WeasyPrint, in a process of its own that sees nothing but what it is handed."""
