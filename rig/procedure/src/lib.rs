//! Steps, run loop and row procedures, generic over the bench.
