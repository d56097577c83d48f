import pytest
from hypothesis import given
