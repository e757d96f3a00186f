"""Taking records out: deleting, restoring, opt-outs, erasing what identifies a patient."""
