"""The report's sections: each is a function from a finished run to the context of the template with the same name."""
