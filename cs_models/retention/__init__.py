"""From counts to a curve: one file per model, a shared likelihood, customer types by quadrature."""
