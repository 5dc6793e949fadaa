/** A body that is there as a whole, in one of the forms in which a caller may hold it. */
export type WholeBody = string | ArrayBufferView | ArrayBuffer;

/** Whether a value has a method. Asks by reading it: a proxy may answer that and nothing else. */
export function can(value: unknown, method: string | symbol): boolean {
  return typeof Object(value)[method] === "function";
}

/** Whether a body is there as a whole. By what it is and not by its class: another realm has classes of its own. */
export function isBytes(body: unknown): body is WholeBody {
  if (typeof body === "string" || ArrayBuffer.isView(body)) return true;
  return / (Shared)?ArrayBuffer]$/.test(Object.prototype.toString.call(body));
}

/** The bytes of a body, as a `Uint8Array` of this realm. Copies nothing but shared memory, which somebody could change after it was verified. */
export function bytesOf(body: string): Uint8Array<ArrayBuffer>;
export function bytesOf(body: WholeBody): Uint8Array;
export function bytesOf(body: WholeBody): Uint8Array {
  if (typeof body === "string") return utf8().encode(body);
  const bytes = ArrayBuffer.isView(body) ? viewOf(body) : new Uint8Array(body);
  return bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
}

/** Bytes as hex digits in lower case. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Writes a text as bytes, and returns how many. To loop over these is much quicker than over the text where a package has made
 * `String.prototype` slow for V8, as ioredis does: each `charCodeAt` is looked up then.
 */
export function writeText(text: string, into: Uint8Array): number {
  return utf8().encodeInto(text, into).written;
}

function viewOf(body: ArrayBufferView): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
}

let encoder: TextEncoder | undefined;

/** Created with its first use: a test environment may lack the class, and must be able to import this. */
function utf8(): TextEncoder {
  encoder ??= new TextEncoder();
  return encoder;
}
