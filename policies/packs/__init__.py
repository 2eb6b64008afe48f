"""Law as data: one file per jurisdiction. `policies.loading` reads them and names every mistake at once."""
