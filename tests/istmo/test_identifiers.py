"""Identifiers of six countries, and of vehicles, in modules of our own: what passes, what fails, and how."""

from __future__ import annotations

from datetime import date
from types import ModuleType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from istmo import identifiers
from istmo.identifiers import (
    Doubtful,
    InvalidChecksum,
    InvalidComponent,
    InvalidFormat,
    InvalidLength,
    ValidationError,
    find,
)

# Scheme, what is written, and its one form or the error: the numbers are invented, and of the tables of the standard.
PASS = [
    ("sv.dui", "01234567-8", "012345678"),
    ("sv.dui", "00000017-3", "000000173"),
    ("sv.nit", "0614-010190-101-5", "06140101901015"),
    ("gt.cui", "1234 56789 0101", "1234567890101"),
    ("gt.cui", "2000 00012 0101", "2000000120101"),
    ("gt.nit", "1234567-9", "12345679"),
    ("gt.nit", "37-K", "37K"),
    ("gt.nit", "0037-k", "37K"),
    ("ni.cedula", "001-010190-0001N", "0010101900001N"),
    ("ni.cedula", "281-010185-0002l", "2810101850002L"),
    ("ni.ruc", "j0310000999999", "J0310000999999"),
    ("do.cedula", "001-1234567-3", "00112345673"),
    ("do.rnc", "130000001", "130000001"),
    ("cr.cedula", "1-1234-5678", "112345678"),
    ("cr.cedula", "1-613-584", "106130584"),
    ("cr.cedula", "0112345678", "112345678"),
    ("cr.cpj", "3-101-999999", "3101999999"),
    ("hn.dni", "0801-1990-12345", "0801199012345"),
    ("hn.rtn", "08011990123456", "08011990123456"),
    ("pa.cedula", "8-123-456", "8-123-456"),
    ("pa.cedula", "08-0123-000456", "8-123-456"),
    ("pa.cedula", "pe-12-345", "PE-12-345"),
    ("pa.cedula", "8-NT-1-12345", "8-NT-1-12345"),
    ("pa.cedula", "13AV-1-1", "13AV-1-1"),
    ("pa.ruc", "0900000004-02-2020", "900000004-2-2020"),
    ("bz.ssn", "000-00-0101", "000000101"),
    ("bz.tin", "123456", "123456"),
    ("bz.tin", "123456-13", "12345613"),
    ("vin", "1M8GDM9AXKP042788", "1M8GDM9AXKP042788"),
]
FAIL: list[tuple[str, str, type[ValidationError]]] = [
    ("sv.dui", "01234567-9", InvalidChecksum),
    ("sv.dui", "0123456", InvalidLength),
    ("sv.dui", "0123456A8", InvalidFormat),
    ("sv.nit", "0614-010190-101-6", InvalidChecksum),
    ("sv.nit", "0614-310290-101-8", InvalidComponent),
    ("sv.nit", "0614-010190-101", InvalidLength),
    ("sv.nit", "0614-010190-10A-5", InvalidFormat),
    ("gt.cui", "1234 56789 2301", InvalidComponent),
    ("gt.cui", "1234 56789 0118", InvalidComponent),
    ("gt.cui", "1234 56789 0001", InvalidComponent),
    ("gt.cui", "1234 56789 0100", InvalidComponent),
    ("gt.cui", "1234 56780 0101", InvalidChecksum),
    ("gt.nit", "1234567-K", InvalidChecksum),
    ("ni.cedula", "001-010190-0001A", InvalidChecksum),
    ("ni.cedula", "001-310290-0001K", InvalidComponent),
    ("ni.cedula", "001-010190-0001I", InvalidFormat),
    ("ni.cedula", "001-010190-001N", InvalidLength),
    ("ni.ruc", "K0310000999999", InvalidFormat),
    ("ni.ruc", "J031", InvalidLength),
    ("do.cedula", "001-1234567-4", InvalidChecksum),
    ("do.rnc", "130000002", InvalidChecksum),
    ("cr.cedula", "0-1234-5678", InvalidComponent),
    ("cr.cpj", "6-101-999999", InvalidComponent),
    ("hn.dni", "1901-1990-12345", InvalidComponent),
    ("hn.dni", "0001-1990-12345", InvalidComponent),
    ("hn.dni", "0801-1890-12345", InvalidComponent),
    ("hn.rtn", "0801199012345", InvalidLength),
    ("pa.cedula", "14-123-456", InvalidFormat),
    ("pa.cedula", "8-12345-456", InvalidFormat),
    ("pa.cedula", "8123456", InvalidFormat),
    ("pa.ruc", "900000004-2", InvalidFormat),
    ("bz.ssn", "00000010", InvalidLength),
    ("bz.tin", "12345", InvalidLength),
    ("bz.tin", "123456789", InvalidLength),
    ("bz.tin", "12345A", InvalidFormat),
    ("vin", "1M8GDM9A1KP042788", InvalidChecksum),
    ("vin", "1M8GDM9AXKP04278", InvalidLength),
    ("vin", "1M8GDM9AXKP04278O", InvalidFormat),
]


@pytest.mark.parametrize(("name", "written", "form"), PASS)
def test_a_right_number_gets_its_one_form(name: str, written: str, form: str) -> None:
    module = find(name)

    assert module.validate(written) == form
    assert module.validate(form) == form
    assert module.compact(form) == form
    assert module.is_valid(written)


@pytest.mark.parametrize(("name", "written", "error"), FAIL)
def test_a_wrong_number_says_what_is_wrong(name: str, written: str, error: type[ValidationError]) -> None:
    module = find(name)

    with pytest.raises(error) as refused:
        module.validate(written)
    assert type(refused.value) is error
    assert not module.is_valid(written)


def test_where_two_descriptions_disagree_the_number_is_doubtful() -> None:
    module = find("gt.cui")
    serial = next(
        f"{n:08d}" for n in range(10_000_000) if module.calc_check_digit(f"{n:08d}") == "0" and doubted(f"{n:08d}")
    )

    with pytest.raises(Doubtful):
        module.validate(f"{serial}00101")
    for digit in "123456789":
        with pytest.raises(InvalidChecksum) as refused:
            module.validate(f"{serial}{digit}0101")
        assert not isinstance(refused.value, Doubtful)


def doubted(serial: str) -> bool:
    return sum(weight * int(digit) for weight, digit in zip(range(2, 10), serial, strict=True)) % 11 == 10


@pytest.mark.parametrize("name", ["os.system", "none.such", "../x", "exceptions", "util", "numdb", "", "hn", "Luhn"])
def test_only_checks_are_found(name: str) -> None:
    with pytest.raises(LookupError):
        find(name)


def test_our_own_check_is_found_before_that_of_the_library() -> None:
    assert find("sv.nit").__name__ == "istmo.identifiers.sv.nit"
    assert find("gt.nit").__name__ == "stdnum.gt.nit"


@pytest.mark.parametrize("value", ["", " ", "-", "١٢٣٤٥٦٧٨٩", "9" * 1000, "\x00", "8--1", "Ñ"])
@pytest.mark.parametrize("name", sorted({name for name, _, _ in PASS}))
def test_nothing_but_a_number_is_one(name: str, value: str) -> None:
    assert not find(name).is_valid(value)


# ---------------------------------------------------------------------- generated

DIGITS = "0123456789"
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(lambda day: f"{day:%d%m%y}")


def numbers(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


def one_digit_wrong(module: ModuleType, right: str, at: int, signs: str = DIGITS) -> None:
    """Each other sign in the place of the check digit is refused as such."""
    for sign in signs:
        if sign != right[at]:
            with pytest.raises(InvalidChecksum):
                module.validate(right[:at] + sign + right[at + 1 :])


@given(numbers(8))
def test_every_dui_has_one_check_digit(serial: str) -> None:
    dui = find("sv.dui")
    right = serial + dui.calc_check_digit(serial)

    assert dui.validate(f"{serial}-{right[-1]}") == right
    one_digit_wrong(dui, right, 8)


@given(st.sampled_from("019"), numbers(3), DAYS, numbers(3))
def test_every_nit_of_el_salvador_has_one_check_digit(first: str, place: str, day: str, serial: str) -> None:
    nit = find("sv.nit")
    known = first + place + day + serial
    right = known + nit.calc_check_digit(known)

    assert nit.validate(right) == right
    one_digit_wrong(nit, right, 13)


@given(numbers(8), st.integers(1, 22), st.data())
def test_every_cui_has_one_check_digit_and_a_place(serial: str, department: int, data: st.DataObject) -> None:
    cui = find("gt.cui")
    assume(not doubted(serial))
    most = cui.MUNICIPALITIES[department - 1]
    place = data.draw(st.integers(1, most))
    right = f"{serial}{cui.calc_check_digit(serial)}{department:02d}{place:02d}"

    assert cui.validate(right) == right
    one_digit_wrong(cui, right, 8)
    with pytest.raises(InvalidComponent):
        cui.validate(f"{right[:11]}{most + 1:02d}")


@given(numbers(8), st.integers(0, 7), st.sampled_from("123456789"))
def test_any_single_wrong_digit_of_a_cui_is_found(serial: str, at: int, shift: str) -> None:
    """Weights from 2 to 9 have no factor in common with 11, so no single digit can be exchanged unseen."""
    cui = find("gt.cui")
    other = serial[:at] + str((int(serial[at]) + int(shift)) % 10) + serial[at + 1 :]
    assume(not doubted(serial) and not doubted(other))

    assert not cui.is_valid(f"{other}{cui.calc_check_digit(serial)}0101")


@given(numbers(3), DAYS, numbers(4))
def test_every_cedula_of_nicaragua_has_one_letter(place: str, day: str, serial: str) -> None:
    cedula = find("ni.cedula")
    known = place + day + serial
    right = known + cedula.calc_check_digit(known)

    assert cedula.validate(f"{place}-{day}-{serial}{right[-1].lower()}") == right
    one_digit_wrong(cedula, right, 13, cedula.LETTERS)


@given(numbers(3), DAYS, numbers(4), st.integers(0, 12), st.sampled_from("123456789"))
def test_any_single_wrong_digit_of_a_cedula_is_found(place: str, day: str, serial: str, at: int, shift: str) -> None:
    """23 is prime and divides no power of ten, so no single digit can be exchanged unseen."""
    cedula = find("ni.cedula")
    known = place + day + serial
    other = known[:at] + str((int(known[at]) + int(shift)) % 10) + known[at + 1 :]

    assert not cedula.is_valid(other + cedula.calc_check_digit(known))


@given(st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=17, max_size=17))
def test_every_vehicle_number_has_one_sign_of_check(text: str) -> None:
    vin = find("vin")
    right = text[:8] + vin.calc_check_digit(text) + text[9:]

    assert vin.validate(right) == right
    one_digit_wrong(vin, right, 8, "0123456789X")


@given(st.integers(1, 13), st.integers(0, 9999), st.integers(0, 999_999), st.integers(0, 3))
def test_leading_zeros_make_no_other_cedula_of_panama(province: int, volume: int, entry: int, zeros: int) -> None:
    cedula = find("pa.cedula")

    assert cedula.validate(f"{'0' * zeros}{province}-{volume:04d}-{entry:06d}") == f"{province}-{volume}-{entry}"


@given(st.integers(1, 9), st.integers(0, 9999), st.integers(0, 9999))
def test_zeros_left_out_make_no_other_cedula_of_costa_rica(province: int, volume: int, entry: int) -> None:
    cedula = find("cr.cedula")
    right = f"{province}{volume:04d}{entry:04d}"

    assert {cedula.validate(one) for one in (right, f"0{right}", f"{province}-{volume}-{entry}")} == {right}


@given(st.text(max_size=40))
def test_no_text_brings_a_check_down(text: str) -> None:
    for name, _, _ in PASS:
        assert find(name).is_valid(text) in {True, False}


def test_the_package_says_what_it_offers() -> None:
    assert all(hasattr(identifiers, name) for name in identifiers.__all__)
