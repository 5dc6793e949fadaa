import { Refusal } from "../errors/refusal.ts";

/** Created with its first use: a test environment may lack the class, and must be able to import this. */
let decoder: TextDecoder | undefined;

/** Matches every text that may hold a key `__proto__`, plain or with some of its characters escaped. */
const PROTO = /__proto__|\\u00(?:5f|6f|7[024])/i;

/** Parses bytes as JSON. Own `__proto__` keys are dropped, because assigning one later would change a prototype. */
export function decodeJson(bytes: Uint8Array): { readonly json: unknown } | Refusal {
  let text: string;
  try {
    // Fatal, because replaced bytes would be other data than was signed. It skips one leading byte order mark.
    decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
    text = decoder.decode(bytes);
  } catch {
    return new Refusal("PAYLOAD_MALFORMED", "The body is genuine, but not UTF-8 text.");
  }
  try {
    const json: unknown = JSON.parse(text);
    if (mayHoldProto(text)) dropProto(json);
    return { json };
  } catch {
    // The parser's own message quotes the body.
    return new Refusal("PAYLOAD_MALFORMED", "The body is genuine, but not JSON.");
  }
}

/** Plain searches run first: they cost a fraction of the expression, and rarely find anything. */
function mayHoldProto(text: string): boolean {
  return (text.includes("__proto__") || text.includes("\\u00")) && PROTO.test(text);
}

/** Walks without recursion: a body may be nested deeper than the stack. */
function dropProto(root: unknown): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    if (Object.hasOwn(value, "__proto__")) Reflect.deleteProperty(value, "__proto__");
    for (const inner of Object.values(value)) open.push(inner);
  }
}
