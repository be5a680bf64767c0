"""How the functions of scipy.special are declared: of entries, one line each. Floor 6.

Sources: NIST Digital Library of Mathematical Functions (DLMF), by chapter and section.
"""

from __future__ import annotations

from ...rule import elementwise


def of_entries(function, *derivatives, **options):
    """Declare a function of entries; SciPy may compute in another precision, so all is fitted."""
    elementwise(function, *derivatives, arguments=lambda *operands: (operands, {}), **options)
