"""The submit dialog: from a form, a request, a template, a job, or code, to jobs in a queue."""
