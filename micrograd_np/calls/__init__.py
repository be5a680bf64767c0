"""Calls: a NumPy function on Tensors computes, and leaves a node. Floor 4.

What passes from one operation to the next is a `Handle`. ``calls[np.sum]`` is the call of a
function, built once from its rule.
"""
