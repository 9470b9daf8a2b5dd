"""The password of the accounts that the tests of the web have."""

PASSWORD = "correct horse battery"
