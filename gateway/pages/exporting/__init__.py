"""Taking records out: a site's own, and the audit team's extract."""
