"""Commands without a screen: each reads its options, does one thing, and answers with an exit code."""
