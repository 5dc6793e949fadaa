import type { Evidence, Hypothesis } from "./hypothesis.ts";

/** The JSON value of a text; undefined where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

const spelledAgain =
  (spell: (value: unknown) => string) =>
  ({ text }: Evidence) => {
    const value = parsed(text);
    return value === undefined ? [] : [spell(value)];
  };

const escapeNonAscii = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
const spaced = (value: unknown) =>
  JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, " ")
    .replace(/([[{]) | ([\]}])/g, "$1$2");

/** The text of the JSON string that a field holds. */
function field(text: string, name: string): string {
  const value = parsed(text);
  const held =
    typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
  return typeof held === "string" ? held : "";
}

function fromHex(secret: string): Uint8Array[] {
  const pairs = /^(?:[\da-f]{2})+$/i.test(secret) ? secret.match(/../g) : null;
  return pairs === null ? [] : [Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))];
}

function fromBase64(secret: string): Uint8Array[] {
  try {
    return [Uint8Array.from(atob(secret.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0))];
  } catch {
    return [];
  }
}

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
    bodies: ({ text }) => (text.startsWith("\ufeff") ? [text.slice(1)] : []),
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
    bodies: ({ text }) => [`${text}\n`, `${text}\r\n`, text.trimEnd()],
  },
  {
    cause: "body-parsed",
    explanation:
      "The signature matches this body written compactly: it was parsed and serialised again with spaces. Mount the route before express.json() or any other body parser, and pass on the bytes as they came.",
    bodies: spelledAgain((value) => JSON.stringify(value)),
  },
  {
    cause: "body-was-formatted",
    explanation:
      "The signature matches this body with spaces or line ends: it was parsed and serialised again without them. Mount the route before express.json() or any other body parser, and pass on the bytes as they came.",
    bodies: (evidence) =>
      [2, 4, "\t"]
        .flatMap((indent) => spelledAgain((value) => JSON.stringify(value, null, indent))(evidence))
        .concat(spelledAgain(spaced)(evidence)),
  },
  {
    cause: "body-escapes-lost",
    explanation:
      "The signature matches this body with its escapes (\\u00e9 or \\/): it was parsed and serialised again. Mount the route before express.json() or any other body parser, and pass on the bytes as they came.",
    bodies: (evidence) => {
      const compact = spelledAgain((value) => JSON.stringify(value))(evidence);
      const texts = [evidence.text, ...compact];
      return texts.flatMap((text) => [
        escapeNonAscii(text),
        text.replaceAll("/", "\\/"),
        escapeNonAscii(text).replaceAll("/", "\\/"),
      ]);
    },
  },
  {
    cause: "body-quoted",
    explanation:
      "The signature matches the text inside this body: it was serialised twice, as JSON.stringify of a string does.",
    bodies: ({ text }) => [parsed(text)].filter((value) => typeof value === "string"),
  },
  {
    cause: "body-empty",
    explanation:
      "The signature matches this secret and an empty body: the body was lost on the way, or what was sent had none.",
    bodies: () => [""],
  },
  {
    cause: "secret-encoded",
    explanation:
      "The signature matches the bytes that the secret stands for in hex or base64, not its text. Popp documents neither: report it, and until then give `scheme` what fits.",
    keys: (secret) => [...fromHex(secret.trim()), ...fromBase64(secret.trim())],
  },
  {
    cause: "signed-content",
    explanation:
      "The signature covers more than the body: the event's timestamp or id stands before it. Report it, and until then say so with the option `scheme.signedContent`.",
    bodies: ({ text }) =>
      ["eventTimestamp", "eventId"]
        .map((name) => field(text, name))
        .flatMap((value) => ["", ".", ":"].map((between) => `${value}${between}${text}`))
        .concat(`${field(text, "eventId")}.${field(text, "eventTimestamp")}.${text}`),
  },
];
