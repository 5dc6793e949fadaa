import { describe, expect, it } from "vitest";
import { readCurl, sentBytes } from "./read-curl.ts";

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
const bodyOf = (command: string) => text(readCurl(command).body);

describe("the words of a curl command", () => {
  it.each([
    ["single quotes", `curl --data-raw '{"a": "$HOME \\n"}'`, '{"a": "$HOME \\n"}'],
    ["a quote inside", `curl --data-raw '{"a":"it'\\''s"}'`, `{"a":"it's"}`],
    ["double quotes", `curl -d "{\\"a\\": \\"\\$5 \\\\ \\\`\\"}"`, '{"a": "$5 \\ `"}'],
    ["a backslash that means itself", `curl -d "a\\nb"`, "a\\nb"],
    ["no quotes", "curl -d \\{\\} http://x", "{}"],
    ["several lines", "curl \\\n  -H 'x: y' \\\r\n  --data-raw '{}'\n", "{}"],
    ["a line end in quotes", "curl -d 'a\r\nb'", "a\r\nb"],
    ["a line that goes on in double quotes", 'curl -d "a\\\nb"', "ab"],
    ["ANSI-C quotes", `curl --data-raw $'it\\'s \\u00e9 \\x41\\102\\n\\U1F600'`, "it's é AB\n😀"],
    ["a prompt and a path", "$ /usr/bin/curl -d {}", "{}"],
    ["the curl of several commands", "cd /tmp && echo 'hi' | cat; curl -d {} | jq .", "{}"],
    ["a comment", "# a 'test\ncurl -d a#b # more", "a#b"],
    ["an argument of three quotings", `curl -d 'a'"b"$'c'd`, "abcd"],
  ])("are read from %s", (_, command, body) => {
    expect(bodyOf(command)).toBe(body);
  });

  it("are bytes: one that is not UTF-8, and a byte order mark", () => {
    expect([...(readCurl("curl --data-binary $'\\xef\\xbb\\xbf{\\xff\\0}'").body ?? [])]).toEqual([
      0xef, 0xbb, 0xbf, 0x7b, 0xff, 0, 0x7d,
    ]);
  });

  it("may be as long as a body of a megabyte", () => {
    expect(bodyOf(`curl -d "${'\\"x'.repeat(500_000)}"`)?.length).toBe(1_000_000);
  });

  it.each([
    [`curl -H "x-signature: $SIG" -d {}`, "the variable $SIG"],
    [`curl -d "$(cat body.json)"`, "a command inside it"],
    ["curl -d `cat body.json`", "a command inside it"],
    ["curl -d $(BODY)", "a command inside it"],
    ["curl -d '{", "does not end"],
    ["wget http://x", "no curl command"],
    ['curl ^\n -d ^"{}^"', "cmd of Windows"],
  ])("cannot be known from %s", (command, why) => {
    expect(() => readCurl(command)).toThrow(why);
  });
});

describe("readCurl", () => {
  it.each([
    ["-d{}", "{}"],
    ["-sSd {}", "{}"],
    ["-XPOST -o /dev/null --max-time 3 -d {}", "{}"],
    ["--data-raw @a", "@a"],
    ["-d a -d b", "a&b"],
    ["--json '{' --json '}'", "{}"],
    ["-u d:d -A -d -d {}", "{}"],
  ])("reads %s", (options, body) => {
    expect(bodyOf(`curl ${options} http://localhost`)).toBe(body);
  });

  it("reads the signature, whatever the case of the header's name", () => {
    const command = "curl -H 'content-type: application/json' --header 'X-Signature:  abc= ' -d {}";
    expect(readCurl(command).signature).toBe("abc=");
    expect(readCurl("curl -d {}").signature).toBeUndefined();
  });

  it("names the file, and says what curl takes out of it", () => {
    const bytes = Uint8Array.of(123, 13, 10, 0, 125);
    const exact = readCurl("curl --data-binary @body.json").file;
    const lossy = readCurl("curl -d @body.json -H 'x-signature: a'");
    expect(exact).toEqual({ name: "body.json", losesLineEnds: false });
    expect(lossy).toEqual({ file: { name: "body.json", losesLineEnds: true }, signature: "a" });
    expect(exact && sentBytes(bytes, exact)).toEqual(bytes);
    expect(lossy.file && text(sentBytes(bytes, lossy.file))).toBe("{}");
    expect(readCurl("curl -T body.json").file?.name).toBe("body.json");
  });

  it.each([
    ["-F a=b", "sends a form"],
    ["--data-urlencode a=b", "sends a form"],
    ["-G -d a", "sends no body"],
    ["-K options", "from a file"],
    ["-d @-", "another command"],
    ["-d a -d @b", "several parts"],
    ["-d @b -d a", "several parts"],
    ["-H 'x-signature: a'", "sends no body"],
  ])("says what is wrong with %s", (options, why) => {
    expect(() => readCurl(`curl ${options} http://localhost`)).toThrow(why);
  });
});
