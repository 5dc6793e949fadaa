import { fromBase64, fromHex, fromSignature, fromSingleBytes, textOf } from "./decodings.ts";
import type { Hypothesis } from "./hypothesis.ts";
import { compact, escaped, fieldIn, indented, quotedIn, spaced, spelledAgain, withoutBom } from "./spellings.ts";

/** Tried in this order, the likeliest first. */
export const HYPOTHESES: readonly Hypothesis[] = [
  {
    cause: "matches",
    explanation:
      "The signature matches this body and this secret: whatever refused the delivery was given other ones. Compare what it was given with what you passed here.",
  },
  {
    cause: "secret-whitespace",
    explanation:
      "The secret matches once the white space around it is removed: copy it without a line end, and look at how it is loaded.",
    keys: (secret) => [secret.trim()],
  },
  {
    cause: "secret-quotes",
    explanation:
      "The secret matches once the quotes around it are removed: an .env file or a shell kept them as part of the value.",
    keys: (secret) => [secret.trim().replace(/^(["'`])(.*)\1$/, "$2")],
  },
  {
    cause: "secret-line-end-missing",
    explanation:
      "The secret matches with a line end added: the sender's secret was saved with one. Rotate it in Popp's Developer Portal.",
    keys: (secret) => [`${secret}\n`, `${secret}\r\n`],
  },
  {
    cause: "body-bom-added",
    explanation:
      "The signature matches this body without the byte order mark at its start: something on the way added one.",
    bodies: ({ text }) => [withoutBom(text)],
  },
  {
    cause: "body-bom-removed",
    explanation:
      "The signature matches this body with a byte order mark before it: it was decoded to text, as request.text() does. Pass on the bytes, from request.arrayBuffer().",
    bodies: ({ text }) => [`\ufeff${text}`],
  },
  {
    cause: "body-line-ends",
    explanation:
      "The signature matches this body with other line ends: something on the way changed CRLF to LF, or back. Pass on the bytes as they came.",
    bodies: ({ text }) => [text.replace(/\r?\n/g, "\r\n"), text.replaceAll("\r\n", "\n")],
  },
  {
    cause: "body-end",
    explanation:
      "The signature matches this body with another end: a line end or white space after it was added or removed on the way.",
    bodies: ({ text }) => [`${text}\n`, `${text}\r\n`, text.trimEnd(), text.trim()],
  },
  {
    cause: "body-parsed",
    explanation:
      "The signature matches this body written compactly: it was parsed and serialised again with spaces. Mount the route before express.json() or any other body parser, and pass on the bytes as they came.",
    bodies: ({ text }) => spelledAgain(text, [compact]),
  },
  {
    cause: "body-was-formatted",
    explanation:
      "The signature matches this body with spaces or line ends: it was parsed and serialised again without them. Mount the route before express.json() or any other body parser, and pass on the bytes as they came.",
    bodies: ({ text }) => spelledAgain(text, [spaced, ...indented]),
  },
  {
    cause: "body-escapes-lost",
    explanation:
      "The signature matches this body with its escapes (such as \\u00e9 or \\/): it was parsed and serialised again. Mount the route before express.json() or any other body parser, and pass on the bytes as they came.",
    bodies: ({ text }) => [text, ...spelledAgain(text, [compact, spaced])].flatMap(escaped),
  },
  {
    cause: "body-quoted",
    explanation:
      "The signature matches the text inside this body: it was serialised twice, as JSON.stringify of a string does.",
    bodies: ({ text }) => quotedIn(text),
  },
  {
    cause: "body-base64",
    explanation:
      "The signature matches the bytes that this body stands for in base64: a gateway encoded it, as serverless platforms do and say with `isBase64Encoded`. Decode it before verifying.",
    bodies: ({ text }) => fromBase64(text),
  },
  {
    cause: "body-charset",
    explanation:
      "The signature matches this body's characters as single bytes: it was decoded as latin1 instead of UTF-8. Pass on the bytes as they came, without decoding them.",
    bodies: ({ text }) => fromSingleBytes(text),
  },
  {
    cause: "body-empty",
    explanation:
      "The signature matches this secret and an empty body: the body was lost on the way, or what was sent had none.",
    bodies: () => [""],
  },
  {
    cause: "signature-decorated",
    explanation:
      "The signature matches without what stands around it, such as quotes or a prefix other than `sha256=`: hand over the header's value as it came, or take off what a proxy added.",
    digests: (signature) => fromSignature(signature.replace(/^["'`]|["'`]$/g, "").replace(/^[\w-]{1,16}[=: ]\s*/, "")),
  },
  {
    cause: "signature-encoded-twice",
    explanation:
      "The signature matches once it is decoded twice: its digits were encoded again, to base64 or hex. Hand over the header's value as it came; if it comes so from Popp, report it.",
    digests: (signature) => [...fromBase64(signature), ...fromHex(signature)].map(textOf).flatMap(fromSignature),
  },
  {
    cause: "secret-encoded",
    explanation:
      "The signature matches what the secret stands for in hex or base64, not its text: it was encoded on its way, as in a Kubernetes manifest. Configure it as Popp's Developer Portal shows it; if it stands so there, report it.",
    keys: (secret) => [...fromHex(secret.trim()), ...fromBase64(secret.trim())],
  },
  {
    cause: "signed-content",
    explanation:
      "The signature covers more than the body: the event's timestamp or id stands before it. Report it, and until then say so with the option `scheme.signedContent`.",
    bodies: ({ text }) => {
      const ids = fieldIn(text, "eventId");
      const times = fieldIn(text, "eventTimestamp");
      const both = ids.flatMap((id) => times.map((time) => `${id}.${time}`));
      return [...times, ...ids, ...both].flatMap((first) => ["", ".", ":"].map((between) => first + between + text));
    },
  },
];
