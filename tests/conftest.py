"""Options and profiles of the test run: --slow, --examples, and Hypothesis without chance."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import micrograd_np.rules.others  # noqa: F401 (tests go through every rule)

sys.path.insert(0, str(Path(__file__).parent))  # for `from samples import SAMPLES`

settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("ci")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")
    parser.addoption(
        "--examples", type=int, metavar="N", help="draw N examples of each property, new ones"
    )


def pytest_configure(config):
    if count := config.getoption("--examples"):
        settings.register_profile(
            "new", settings.get_profile("ci"), derandomize=False, max_examples=count
        )
        settings.load_profile("new")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--slow"):
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="slow: runs with --slow"))
