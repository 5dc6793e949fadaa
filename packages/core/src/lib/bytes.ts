const encoder = /* @__PURE__ */ new TextEncoder();

/** Whether a body is there as a whole, in any of the forms that {@link bytesOf} takes. */
export function isBytes(body: unknown): body is string | Uint8Array | ArrayBuffer {
  return typeof body === "string" || body instanceof Uint8Array || body instanceof ArrayBuffer;
}

/** The bytes of a body in any of the forms a caller may hold it in; never a copy of bytes. */
export function bytesOf(body: string): Uint8Array<ArrayBuffer>;
export function bytesOf(body: string | Uint8Array | ArrayBuffer): Uint8Array;
export function bytesOf(body: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof body === "string") return encoder.encode(body);
  return body instanceof Uint8Array ? body : new Uint8Array(body);
}
