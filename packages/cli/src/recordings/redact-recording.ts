import { signPayload } from "@popp-webhooks/testing";
import { CliError } from "../command-line/cli-error.ts";
import type { HeaderPair } from "../http/send-bytes.ts";
import type { ReceivedRequest } from "./recorder.ts";
import { type Recording, textOf } from "./recording.ts";

/** Redacted recordings are signed with this, so that a test can verify them. */
export const REDACTED_SECRET = "popp-test-secret";

/** A recording whose signature was wrong is signed with this, so that it stays wrong. */
const OTHER_SECRET = "popp-other-secret";

/** These headers say nothing about a person or a network. */
const KEPT_HEADERS = /^(content-type|user-agent)$/i;

/** Replaces the values of recordings. Equal values get equal replacements, so that relations between events stay. */
export class Redactor {
  readonly #replacements = new Map<string, string>();

  /** Returns a copy of a request without personal data, signed with {@link REDACTED_SECRET}. */
  async redact({ id, request, body }: Recording): Promise<ReceivedRequest> {
    const json = parsed(textOf(body));
    if (json === undefined)
      throw new CliError(
        "usage",
        "NOT_JSON",
        `The body of ${id} is no JSON object, so that its values cannot be found. Redact it by hand.`,
      );
    const { receivedAt, method, path, verdict, explanation, event } = request;
    const redacted = this.#valueOf("", json) as object;
    // The name of the event itself, and no field of that name further down.
    const text = JSON.stringify(event === null ? redacted : { ...redacted, event });
    return {
      ...{ receivedAt, method, path: path.replace(/\?.*$/s, ""), verdict, explanation, event },
      eventId: this.#maybe("eventId", request.eventId),
      inboxKey: null,
      headers: [...request.headers.filter(([name]) => KEPT_HEADERS.test(name)), ...(await signatureOf(verdict, text))],
      isCut: false,
      body: new TextEncoder().encode(text),
    };
  }

  #valueOf(key: string, value: unknown): unknown {
    if (typeof value === "string") return this.#textOf(key, value);
    if (typeof value === "number") return 0;
    if (Array.isArray(value)) return value.map((item) => this.#valueOf(key, item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.#valueOf(name, inner)]));
  }

  #textOf(key: string, text: string): string {
    if (/^(conversationStatus|status)$/.test(key) && /^[A-Z_]+$/.test(text)) return text;
    if (/^\d{4}-\d\d-\d\dT/.test(text)) return "2024-01-15T10:00:00.000Z";
    const prefix = /^https?:/.test(text) ? "https://example.com/" : "";
    const known = this.#replacements.get(text);
    if (known !== undefined) return known;
    const made = `${prefix}${/ids?$/i.test(key) ? "id" : "text"}-${this.#replacements.size + 1}`;
    this.#replacements.set(text, made);
    return made;
  }

  #maybe(key: string, text: string | null): string | null {
    return text === null ? null : this.#textOf(key, text);
  }
}

function parsed(text: string | undefined): object | undefined {
  try {
    const json: unknown = JSON.parse(text ?? "");
    return typeof json === "object" && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

/** A signature that gets the same verdict as the recorded one. */
async function signatureOf(verdict: string, text: string): Promise<HeaderPair[]> {
  switch (verdict) {
    case "genuine":
      return [["x-signature", await signPayload(text, REDACTED_SECRET)]];
    case "wrong signature":
      return [["x-signature", await signPayload(text, OTHER_SECRET)]];
    case "unreadable signature":
      return [["x-signature", "unreadable"]];
    default:
      return [];
  }
}
