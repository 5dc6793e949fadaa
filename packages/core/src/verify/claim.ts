import { type Delivery, headerOf } from "../read/delivery.ts";
import { type Scheme, signatureHeader } from "./scheme.ts";
import type { Secret } from "./secret.ts";

/** What a body claims to be, and what it has to be checked against. */
export interface Claim {
  /** The signature header's value, or values; null when there is none. */
  readonly signature: string | readonly string[] | null | undefined;
  /** The secret or secrets it must be signed with. */
  readonly secret: Secret;
  /** Where the scheme differs from the one that is assumed. */
  readonly scheme?: Scheme | undefined;
  /** Gives another header's value, for a scheme that signs some of them. */
  readonly header: (name: string) => string | null;
}

/** The claim that a delivery's headers make. */
export function claimOf({ headers }: Delivery, { secret, scheme }: Pick<Claim, "secret" | "scheme">): Claim {
  const header = (name: string) => headerOf(headers, name.toLowerCase());
  return { signature: header(signatureHeader(scheme)), secret, scheme, header };
}
