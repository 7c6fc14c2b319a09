"""Which passwords are refused, and how long checking takes."""

import pytest

from engage.accounts.errors import (
    CommonPasswordError,
    GuessablePasswordError,
    PasswordTooLongError,
    PasswordTooShortError,
)
from engage.accounts.passwords import check_rules, hash_password, verify_password

CONTEXT = ("asha.okafor@example.org", "Asha Okafor", "Tidewell Network")


@pytest.mark.parametrize(
    "password",
    [
        "four quiet herons at noon",
        "xK9!rTq2bVz8",
        "mae hen wlad fy nhadau",
        "purple hats sing engage",
        "x1y2 z3 q4 " * 90,
    ],
)
def test_check_rules_takes_a_password_without_rules_of_composition(password: str) -> None:
    check_rules(password, context=CONTEXT)


@pytest.mark.parametrize(("password", "n"), [("", 0), ("xK9!rTq2bVz", 11), ("e\u0301xK9!rTq2bV", 11)])
def test_check_rules_refuses_under_twelve_characters_and_says_how_many_there_are(password: str, n: int) -> None:
    with pytest.raises(PasswordTooShortError) as refusal:
        check_rules(password)
    assert refusal.value.values == {"n": n, "shortest": 12}


def test_check_rules_takes_1024_characters_and_refuses_1025() -> None:
    long = "seven herons walk " * 60
    check_rules(long[:1024])
    with pytest.raises(PasswordTooLongError):
        check_rules(long[:1025])


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd2026!",
        "qwertyuiop12",
        "123456789012",
        "aaaaaaaaaaaa",
        "abababababab",
        "iloveyou12345",
        "letmein-welcome",
        "1q2w3e4r5t6y",
        "correct horse battery staple",
        "            ",
        "𝕡assword𝟙234",
    ],
)
def test_check_rules_refuses_what_guessers_try_first(password: str) -> None:
    with pytest.raises(CommonPasswordError):
        check_rules(password, context=CONTEXT)


@pytest.mark.parametrize(
    "password", ["asha.okafor1", "Asha-Okafor-26", "Tidewell Network!", "tidewell2026", "Engage2026!!", "engageengage"]
)
def test_check_rules_refuses_the_address_the_organisation_and_our_own_name(password: str) -> None:
    with pytest.raises(GuessablePasswordError):
        check_rules(password, context=CONTEXT)


def test_hash_password_sets_argon2id_with_the_agreed_cost() -> None:
    stored = hash_password("four quiet herons at noon")
    assert stored.text.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "argon2" not in repr(stored)


def test_verify_password_knows_the_right_one_however_it_was_typed() -> None:
    stored = hash_password("pedwar crëyr tawel am hanner dydd").text
    assert verify_password(stored, "pedwar cre\u0308yr tawel am hanner dydd")
    assert not verify_password(stored, "pedwar creyr tawel am hanner dydd")


@pytest.mark.parametrize("password", ["", "four quiet herons at noon", "\ud800" * 12, "\0" * 12, "x" * 5000])
def test_verify_password_is_never_right_without_a_stored_one(password: str) -> None:
    assert verify_password(None, password) is False
