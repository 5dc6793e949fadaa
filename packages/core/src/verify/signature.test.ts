import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeSignature, isAmong, signaturesIn } from "./signature.ts";

const digest = createHash("sha256").update("any 32 bytes").digest();
const hex = digest.toString("hex");
/** Bytes whose base64 holds both characters that differ in base64url. */
const slashed = Buffer.from("fbff".repeat(16), "hex");

describe("decodeSignature", () => {
  it.each([
    ["hex", digest.toString("hex")],
    ["hex in capitals", digest.toString("hex").toUpperCase()],
    ["prefixed hex", `sha256=${digest.toString("hex")}`],
    ["base64", digest.toString("base64")],
    ["base64 without padding", digest.toString("base64").replace("=", "")],
    ["base64url", digest.toString("base64url")],
    ["prefixed base64", `sha256=${digest.toString("base64")}`],
  ])("accepts %s", (_, text) => {
    expect(decodeSignature(text)).toBe(hex);
  });

  it.each([
    ["base64", slashed.toString("base64")],
    ["base64url", `${slashed.toString("base64url")}=`],
  ])("tells + and / of base64 from - and _ of base64url: %s", (_, text) => {
    expect(decodeSignature(text)).toBe(slashed.toString("hex"));
  });

  it.each([
    ["nothing", ""],
    ["one digit less", hex.slice(1)],
    ["one digit more", `${hex}0`],
    ["junk between the digits", `zz${hex}`],
    ["junk instead of a digit", `g${hex.slice(1)}`],
    ["a line after it", `${hex}\n`],
    ["a prefix in the middle", `${hex.slice(0, 32)}sha256=${hex.slice(32)}`],
    ["two prefixes", `sha256=sha256=${hex}`],
    ["another algorithm's prefix", `sha1=${hex}`],
    ["a prefix alone", "sha256="],
    ["characters above ASCII", "é".repeat(64)],
    ["full-width digits", "０".repeat(64)],
    ["a mix of base64 and base64url", slashed.toString("base64").replace("/", "_")],
    ["two padding characters", `${digest.toString("base64")}=`],
    ["spare bits that are set", `${"A".repeat(42)}B=`],
    ["31 bytes", digest.subarray(1).toString("base64")],
    ["33 bytes", Buffer.concat([digest, Buffer.of(1)]).toString("base64")],
  ])("refuses %s", (_, text) => {
    expect(decodeSignature(text)).toBeUndefined();
  });

  it("refuses every truncation of a hex signature", () => {
    for (let length = 0; length < hex.length; length++) expect(decodeSignature(hex.slice(0, length))).toBeUndefined();
  });
});

describe("signaturesIn", () => {
  it("reads the values of a repeated header, joined or as a list", () => {
    expect(signaturesIn("a, b ,c")).toEqual(["a", "b", "c"]);
    expect(signaturesIn(["a", "b"])).toEqual(["a", "b"]);
  });

  it("finds none when the header is missing, empty or blank", () => {
    for (const header of [null, undefined, "", "  ", ",", []]) expect(signaturesIn(header)).toEqual([]);
  });

  it("reads at most eight values", () => {
    expect(signaturesIn(Array.from({ length: 20 }, (_, at) => `s${at}`))).toHaveLength(8);
  });
});

describe("isAmong", () => {
  it.each([hex, hex.toUpperCase(), `sha256=${hex}`, digest.toString("base64url")])("finds a digest as %s", (text) => {
    expect(isAmong(hex, ["0".repeat(64), text, "f".repeat(64)])).toBe(true);
  });

  it("finds no digest in a signature that differs in one digit, wherever it is", () => {
    for (let at = 0; at < hex.length; at++) {
      const other = hex[at] === "0" ? "1" : "0";
      expect([at, isAmong(hex, [hex.slice(0, at) + other + hex.slice(at + 1)])]).toEqual([at, false]);
    }
  });

  it.each(["é", "０"])("keeps nothing of a signature for the next one, which ends in %s", (last) => {
    expect(isAmong(hex, [hex])).toBe(true);
    expect(isAmong(hex, [`${hex.slice(0, -1)}${last}`])).toBe(false);
  });
});
