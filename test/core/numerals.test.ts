import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as numerals from "../../src/core/numerals.ts";

const { decimalOf, decimalOfNumber, digitsOf, integerOf, plain, smallest } = numerals;

test("a numeral has one decimal text, wherever its point and zeros were", () =>
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.integer({ min: -40, max: 40 }),
      fc.nat(5),
      (digits, exponent, zeros) => {
        const pad = "0".repeat(zeros);
        const sign = digits < 0n ? "-" : "";
        const body = String(digits < 0n ? -digits : digits);
        const form = decimalOf(`${digits}e${exponent}`);
        assert.equal(decimalOf(`${sign}${pad}${body}.${pad}E${exponent}`), form);
        assert.equal(decimalOf(`${sign}${body}${pad}e${exponent - zeros}`), form);
        assert.equal(decimalOf(form ?? ""), form);
        assert.match(form ?? "", /^(?:-(?!0$))?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/);
      },
    ),
  ));

test("a double's decimal text is that double again", () =>
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = decimalOfNumber(number);
      assert.equal(Number(text), number + 0);
      assert.equal(decimalOf(text), text);
    }),
  ));

test("what is no numeral is none", () => {
  for (const text of ["", ".", "-", "+", "e5", "1e", "1e+", "0x1", "1,5", " 1", "1 ", "١", "--1"]) {
    assert.equal(decimalOf(text), undefined, text);
    assert.equal(integerOf(text), undefined, text);
  }
});

test("a numeral of endless digits is refused, not computed", () => {
  assert.equal(decimalOf("1e999999999"), undefined);
  assert.equal(decimalOf("1e-999999999"), undefined);
  assert.equal(decimalOf("0e999999999"), "0");
  assert.equal(decimalOf(`1${"0".repeat(numerals.DECIMAL_DIGITS_MAX)}`), undefined);
  assert.equal(decimalOf("1e1000")?.length, 1001);
});

test("whole numbers are numbers exactly where that is safe", () => {
  assert.equal(smallest(2n ** 53n - 1n), 2 ** 53 - 1);
  assert.equal(smallest(2n ** 53n), 2n ** 53n);
  assert.equal(smallest(-(2n ** 53n)), -(2n ** 53n));
  assert.equal(smallest(1n - 2n ** 53n), 1 - 2 ** 53);
  assert.equal(integerOf("-0"), 0);
  assert.ok(Object.is(integerOf("-0"), 0));
  assert.equal(integerOf("999999999999999"), 999999999999999);
  assert.equal(integerOf("9007199254740992"), 2n ** 53n);
  assert.equal(integerOf("1.5"), undefined);
});

test("a number that may be an integer or a double has one form", () => {
  assert.ok(Object.is(plain(-0), 0));
  assert.equal(plain(2 ** 63), 2n ** 63n);
  assert.equal(plain(2n ** 64n - 1n), 2n ** 64n - 1n);
  assert.equal(plain(2n ** 64n), 2n ** 64n);
  assert.equal(plain(2 ** 64), 2 ** 64);
  assert.equal(plain(10n ** 23n), 1e23);
  assert.equal(plain(BigInt(1e23)), BigInt(1e23));
  assert.equal(plain(-(10n ** 300n)), -1e300);
  assert.equal(plain(2n ** 64n + 1n), 2n ** 64n + 1n);
  assert.equal(plain(10n ** 400n), 10n ** 400n);
});

test("digits are counted without sign and point", () => {
  assert.deepEqual(digitsOf("-120.05"), { whole: 3, fraction: 2 });
  assert.deepEqual(digitsOf("0.5"), { whole: 0, fraction: 1 });
  assert.deepEqual(digitsOf("0"), { whole: 0, fraction: 0 });
  assert.deepEqual(digitsOf("7"), { whole: 1, fraction: 0 });
});
