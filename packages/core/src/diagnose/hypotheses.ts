import { fromBase64, fromHex, fromSignature, fromSingleBytes, textOf } from "./decodings.ts";
import type { Hypothesis } from "./hypothesis.ts";
import { compact, escaped, fieldIn, indented, quotedIn, spaced, spelledAgain, withoutBom } from "./spellings.ts";
import { bare, decoded, separated, trimmed, unescaped, withoutInvisible, withoutName } from "./spoilt-secrets.ts";

const MOUNT = "Mount the route before express.json() or any other body parser, and pass on the bytes as they came.";

/** The known mistakes, the likeliest first: the first one that fits is named. */
export const HYPOTHESES: readonly Hypothesis[] = [
  {
    cause: "matches",
    explanation:
      "The signature matches this body and this secret. Whatever refused the delivery was given something else: compare what it was given with what you passed here.",
  },
  {
    cause: "scheme-differs",
    explanation:
      "The signature matches the body alone, without `scheme.signedContent`: remove that option, or correct it.",
    ignoresScheme: true,
  },
  {
    cause: "secret-whitespace",
    explanation:
      "The secret matches without the white space around it: copy it without a line end, and check how it is loaded.",
    keys: (secret) => [trimmed(secret)],
  },
  {
    cause: "secret-quotes",
    explanation:
      "The secret matches without the quotes around it: an .env file, a shell or a text editor kept them as part of the value.",
    keys: (secret) => [bare(secret)],
  },
  {
    cause: "secret-invisible-characters",
    explanation:
      "The secret matches without invisible characters, such as zero-width spaces: copying from a web page or a chat added them. Copy it again as plain text.",
    keys: (secret) => [withoutInvisible(secret)],
  },
  {
    cause: "secret-name-kept",
    explanation:
      "The secret matches without the name in front of it: a whole line such as `NAME=value` was copied. Configure the value alone.",
    keys: withoutName,
  },
  {
    cause: "secret-joined",
    explanation:
      "One of several secrets in this text matches: they were put into one string. Split it, and give them as a list of strings.",
    keys: separated,
  },
  {
    cause: "secret-escaped",
    explanation:
      "The secret matches once its escapes are resolved, such as a literal `\\n`, a backslash, or percent-encoding: it was escaped on its way. Configure it as Popp's Developer Portal shows it.",
    keys: unescaped,
  },
  {
    cause: "secret-encoded",
    explanation:
      "The secret matches once it is decoded from hex or base64: it was encoded on its way, as in a Kubernetes manifest, perhaps with a line end. Configure it as Popp's Developer Portal shows it; if it looks like this there, report it.",
    keys: decoded,
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
      "The signature matches this body with other line ends: something on the way changed CRLF to LF, or LF to CRLF. Pass on the bytes as they came.",
    bodies: ({ text }) => [text.replace(/\r?\n/g, "\r\n"), text.replaceAll("\r\n", "\n")],
  },
  {
    cause: "body-end",
    explanation:
      "The signature matches this body with another end: a line end or white space was added or removed on the way. Pass on the bytes as they came.",
    bodies: ({ text }) => [`${text}\n`, `${text}\r\n`, text.trimEnd(), text.trim()],
  },
  {
    cause: "body-parsed",
    explanation: `The signature matches this body without spaces: it was parsed and serialized again with spaces. ${MOUNT}`,
    bodies: ({ text }) => spelledAgain(text, [compact]),
  },
  {
    cause: "body-was-formatted",
    explanation: `The signature matches this body with spaces or line ends: it was parsed and serialized again without them. ${MOUNT}`,
    bodies: ({ text }) => spelledAgain(text, [spaced, ...indented]),
  },
  {
    cause: "body-escapes-lost",
    explanation: `The signature matches this body with escapes such as \\u00e9 or \\/: it was parsed and serialized again without them. ${MOUNT}`,
    bodies: ({ text }) => [text, ...spelledAgain(text, [compact, spaced])].flatMap(escaped),
  },
  {
    cause: "body-quoted",
    explanation:
      "The signature matches the text inside this body: it was serialized twice, as JSON.stringify of a string does. Serialize it once.",
    bodies: ({ text }) => quotedIn(text),
  },
  {
    cause: "body-base64",
    explanation:
      "The signature matches this body decoded from base64: a gateway encoded it, as serverless platforms do and mark with `isBase64Encoded`. Decode it before verifying.",
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
      "The signature matches this secret and an empty body: the body was lost on the way, or the sender signed none.",
    bodies: () => [""],
  },
  {
    cause: "signature-decorated",
    explanation:
      "The signature matches without the text around it, such as quotes or a prefix other than `sha256=`. Pass on the header's value as it came, or remove what a proxy added.",
    digests: (signature) => fromSignature(signature.replace(/^["'`]|["'`]$/g, "").replace(/^[\w-]{1,16}[=: ]\s*/, "")),
  },
  {
    cause: "signature-encoded-twice",
    explanation:
      "The signature matches once it is decoded twice: its digits were encoded again, to base64 or hex. Pass on the header's value as it came; if it comes like this from Popp, report it.",
    digests: (signature) => [...fromBase64(signature), ...fromHex(signature)].map(textOf).flatMap(fromSignature),
  },
  {
    cause: "signed-content",
    explanation:
      "The signature covers more than the body: the event's timestamp or id stands before it. Report it, and until then correct it with the option `scheme.signedContent`.",
    ignoresScheme: true,
    bodies: ({ text }) => {
      const ids = fieldIn(text, "eventId");
      const times = fieldIn(text, "eventTimestamp");
      const both = ids.flatMap((id) => times.map((time) => `${id}.${time}`));
      return [...times, ...ids, ...both].flatMap((first) => ["", ".", ":"].map((between) => first + between + text));
    },
  },
];
