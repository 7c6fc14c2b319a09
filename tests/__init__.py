"""The tests of Engage; they mirror its folders."""
