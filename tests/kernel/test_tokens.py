"""Links that open something, and codes that are shown once (S12)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from engage.kernel.tokens import (
    check_submission_key,
    new_nonce,
    new_submission_key,
    read_row_id,
    receipt_code,
    sign_row,
    verify_row,
)

SECRETS = ("a secret that signs", "an older one that still opens")
ROW = uuid.UUID("5c2f6a0e-6a7b-4d5e-9a36-0f6b7f0a1c11")
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_a_token_opens_its_row_for_its_purpose_alone() -> None:
    token = sign_row(SECRETS, "booking", ROW, "nonce")

    assert read_row_id(token) == ROW
    assert verify_row(SECRETS, token, "booking", ROW, "nonce")
    assert not verify_row(SECRETS, token, "join", ROW, "nonce")
    assert not verify_row(SECRETS, token, "booking", uuid.uuid4(), "nonce")


def test_a_new_nonce_revokes_a_token() -> None:
    token = sign_row(SECRETS, "booking", ROW, "nonce")

    assert not verify_row(SECRETS, token, "booking", ROW, new_nonce())


def test_an_older_secret_still_opens_but_a_stranger_s_does_not() -> None:
    old, foreign = sign_row(SECRETS[1:], "booking", ROW, "n"), sign_row(("guess",), "booking", ROW, "n")

    assert verify_row(SECRETS, old, "booking", ROW, "n")
    assert not verify_row(SECRETS, foreign, "booking", ROW, "n")


@pytest.mark.parametrize("token", ["", "x", "é" * 48, "a" * 47, "a" * 500, "====", "a b", "../../etc"])
def test_what_is_no_token_claims_no_row(token: str) -> None:
    assert read_row_id(token) is None


def test_a_token_has_one_spelling() -> None:
    token = sign_row(SECRETS, "booking", ROW, "nonce")

    assert read_row_id(token + "=") is None
    assert not verify_row(SECRETS, token[:-1] + ("A" if token[-1] != "A" else "B"), "booking", ROW, "nonce")


def test_a_form_s_key_is_good_for_a_day() -> None:
    key = new_submission_key(SECRETS, NOON)

    assert check_submission_key(SECRETS, key, NOON + timedelta(hours=23))
    assert not check_submission_key(SECRETS, key, NOON + timedelta(hours=25))
    assert not check_submission_key(("other",), key, NOON)
    assert not check_submission_key(SECRETS, "made up", NOON)


def test_the_same_key_gives_the_same_receipt_and_others_do_not() -> None:
    one, two = new_submission_key(SECRETS, NOON), new_submission_key(SECRETS, NOON)

    assert receipt_code(SECRETS, one) == receipt_code(SECRETS, one)
    assert receipt_code(SECRETS, one) != receipt_code(SECRETS, two)
