import type { HeaderSource } from "./delivery.ts";
import { headerOf } from "./delivery.ts";
import type { Scheme } from "./scheme.ts";
import { signatureHeader } from "./scheme.ts";
import type { Secret } from "./secret.ts";
import { signaturesIn } from "./signature.ts";

/** What a body claims to be, and what it has to be checked against. */
export interface Claim {
  /** The signatures it came with, as they were sent. */
  readonly signatures: readonly string[];
  /** The secret or secrets it must be signed with. */
  readonly secret: Secret;
  /** The header they came in, for messages. */
  readonly header: string;
  /** Gives the signed bytes where they are not the body itself. */
  readonly signedContent: ((body: Uint8Array) => Uint8Array | string) | undefined;
}

/** The claim that a delivery's headers make. */
export function claimOf(
  headers: HeaderSource,
  { secret, scheme }: { readonly secret: Secret; readonly scheme?: Scheme | undefined },
): Claim {
  const header = signatureHeader(scheme);
  const signedContent = scheme?.signedContent;
  return {
    signatures: signaturesIn(headerOf(headers, header)),
    secret,
    header,
    signedContent: signedContent && ((body) => signedContent(body, (name) => headerOf(headers, name.toLowerCase()))),
  };
}
