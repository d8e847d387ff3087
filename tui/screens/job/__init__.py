"""The job screen: everything one asks about one job, in seven tabs."""
