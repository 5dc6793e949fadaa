import { type SignPayloadOptions, signPayload } from "../../../sign/sign-payload.ts";
import { conformanceSecrets } from "../../receiver.ts";
import type { AdapterCase } from "../adapter-case.ts";
import { delivery, type Exchange, eventText } from "../exchange.ts";
import { sameAsCore } from "../same-as-core.ts";

/** A delivery whose signature headers are made from the genuine signature. */
function signedWith(
  change: (genuine: string) => Exchange["headers"],
  options?: SignPayloadOptions & { readonly secret?: string },
): () => Promise<readonly Exchange[]> {
  return async () => {
    const body = eventText();
    const genuine = await signPayload(body, options?.secret ?? conformanceSecrets[0], options);
    return [await delivery(body, { signatures: change(genuine) })];
  };
}

const asIs = (genuine: string): Exchange["headers"] => [["x-signature", genuine]];
const wrong = "0".repeat(64);

/** Every spelling of the header, and what is none. */
export const signatureCases: readonly AdapterCase[] = [
  sameAsCore(
    "finds the header in upper case",
    signedWith((genuine) => [["X-SIGNATURE", genuine]]),
  ),
  sameAsCore(
    "takes upper-case hex",
    signedWith((genuine) => [["x-signature", genuine.toUpperCase()]]),
  ),
  sameAsCore("takes sha256= before it", signedWith(asIs, { prefix: true })),
  sameAsCore("takes base64", signedWith(asIs, { encoding: "base64" })),
  sameAsCore("takes base64url", signedWith(asIs, { encoding: "base64url" })),
  sameAsCore("takes the second of two secrets", signedWith(asIs, { secret: conformanceSecrets[1] })),
  sameAsCore(
    "takes the header twice, the genuine one first",
    signedWith((genuine) => [
      ["x-signature", genuine],
      ["x-signature", wrong],
    ]),
  ),
  sameAsCore(
    "takes the header twice, the genuine one last",
    signedWith((genuine) => [
      ["x-signature", wrong],
      ["x-signature", genuine],
    ]),
  ),
  sameAsCore(
    "refuses the header twice, both wrong",
    signedWith(() => [
      ["x-signature", wrong],
      ["x-signature", wrong],
    ]),
  ),
  sameAsCore("refuses a wrong secret", signedWith(asIs, { secret: "another secret" })),
  sameAsCore(
    "refuses a delivery without the header",
    signedWith(() => []),
  ),
  sameAsCore(
    "refuses an empty header",
    signedWith(() => [["x-signature", ""]]),
  ),
  sameAsCore(
    "refuses a short signature",
    signedWith((genuine) => [["x-signature", genuine.slice(0, 32)]]),
  ),
  sameAsCore(
    "refuses an odd number of digits",
    signedWith((genuine) => [["x-signature", genuine.slice(1)]]),
  ),
  sameAsCore(
    "refuses a long signature",
    signedWith((genuine) => [["x-signature", `${genuine}00`]]),
  ),
  sameAsCore(
    "refuses what is not hex",
    signedWith((genuine) => [["x-signature", `zz${genuine.slice(2)}`]]),
  ),
  sameAsCore(
    "refuses one changed digit",
    signedWith((genuine) => [["x-signature", (genuine[0] === "0" ? "1" : "0") + genuine.slice(1)]]),
  ),
  sameAsCore("refuses one changed byte of the body", async () => {
    const { headers } = await delivery(eventText("return", "evt_a"));
    return [{ ...(await delivery(eventText("return", "evt_b"))), headers }];
  }),
];
