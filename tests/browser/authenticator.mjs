// An authenticator app: RFC 6238 with SHA-1, 6 digits, 30 seconds. Each code is used once, so it uses the
// next step's code if the current one was used; the provider accepts that.

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export class Authenticator {
  /** `key` is in groups, as the page shows it. */
  constructor(key) {
    const bits = [...key.replaceAll(" ", "")].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
    this.secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
    this.last = 0;
  }

  /** The next unused code. */
  code() {
    const step = now();
    this.last = Math.max(this.last + 1, step);
    if (this.last > step + 1) throw new Error("too many codes in one step: use a recovery code");
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.last));
    const digest = createHmac("sha1", this.secret).update(counter).digest();
    const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, "0");
  }

  /** The same, when the clock allows one more. */
  async nextCode() {
    while (this.last > now()) await new Promise((passed) => setTimeout(passed, 500));
    return this.code();
  }
}

/** The current time step. */
function now() {
  return Math.floor(Date.now() / 30_000);
}
