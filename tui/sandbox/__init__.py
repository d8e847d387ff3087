"""The embedded AWS endpoint: real wire protocols on loopback, and a simulated cluster behind them."""
