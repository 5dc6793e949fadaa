/** The bytes of a body, as the page gets them. */
export interface Content {
  /** How many bytes there are. */
  readonly bytes: number;
  /** As text; null when they are not UTF-8, or masked. */
  readonly text: string | null;
  /** As hex, where there is no text; null when they are masked. */
  readonly hex: string | null;
}

/** Shows bytes as they are. */
export function contentOf(body: Uint8Array): Content {
  const text = textOf(body);
  return { bytes: body.byteLength, text, hex: text === null ? hexOf(body) : null };
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

function hexOf(body: Uint8Array): string {
  return Array.from(body, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
