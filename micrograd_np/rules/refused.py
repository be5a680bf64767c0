"""Functions and methods that have no rule, each with the reason; errors and pages say it. Floor 5.

A reason reads on from the name: "np.gcd is of integers".
"""

from __future__ import annotations

from ..rule import without_rule

# NumPy's functions

without_rule(
    "is of integers or bits",
    """bitwise_count bitwise_left_shift bitwise_right_shift left_shift right_shift gcd lcm packbits
    unpackbits ravel_multi_index unravel_index""",
)
without_rule(
    "is about dates",
    "isnat busday_count busday_offset is_busday datetime_as_string datetime_data",
)
without_rule("steps from one floating number to the next, which has no slope", "nextafter")
without_rule(
    "makes arrays of constants",
    """empty eye identity indices ones tri zeros bartlett blackman hamming hanning diag_indices
    mask_indices tril_indices triu_indices fftfreq rfftfreq""",
)
without_rule(
    "makes integers into an index",
    "ix_",
)
without_rule(
    "reads or writes files and buffers",
    """frombuffer fromfile fromregex fromstring genfromtxt load loadtxt save savetxt savez
    savez_compressed from_dlpack fromiter""",
)
without_rule(
    "makes text",
    """base_repr binary_repr format_float_positional format_float_scientific typename""",
)
without_rule(
    "asks or sets how NumPy works",
    """get_include get_printoptions getbufsize geterr geterrcall info printoptions set_printoptions
    setbufsize seterr seterrcall show_config show_runtime test""",
)
without_rule(
    "asks about shapes or types",
    """broadcast_shapes isdtype isfortran isscalar issubdtype iterable mintypecode promote_types""",
)
without_rule("makes a matrix, which computes otherwise than arrays and Tensors", "asmatrix bmat")
without_rule("wraps a function of Python: call that function on the Tensor", "frompyfunc")
without_rule("iterates over memory", "nested_iters")
without_rule("never asks what it is given: write mg.arange", "arange")
without_rule("never asks what it is given: write mg.kaiser", "kaiser")
without_rule("never asks what it is given: write mg.asarray_chkfinite", "asarray_chkfinite")
without_rule("is NumPy's old name of np.vstack, which it calls", "row_stack")
without_rule("calls the function it is given", "fromfunction")

# Methods and attributes of arrays


def without_method(reason, names):
    """Declare methods and attributes that a Tensor lacks, and why."""
    without_rule(reason, " ".join(f"ndarray.{name}" for name in names.split()))


without_method(
    "is about memory, and a Tensor has none of its own: take to_numpy()",
    "base byteswap ctypes device flags getfield setfield setflags to_device",
)
without_method("views the same memory: write t.reshape(shape) or t.astype(dtype)", "view")
without_method(
    "is about memory: for windows there is np.lib.stride_tricks.sliding_window_view", "strides"
)
without_method("writes the bytes: take to_numpy()", "dump dumps tobytes tofile")
without_method("changes the shape in place: write t = np.resize(t, shape)", "resize")
