"""The report's sections: each a pure function from a finished run to what its template of the same name needs."""
