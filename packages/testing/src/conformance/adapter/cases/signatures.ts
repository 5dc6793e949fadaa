import { type SignPayloadOptions, signPayload } from "../../../sign/sign-payload.ts";
import { conformanceSecrets } from "../../receiver.ts";
import type { AdapterCase } from "../adapter-case.ts";
import { delivery, type Exchange, eventText } from "../exchange.ts";
import { sameAsCore } from "../same-as-core.ts";

/** Makes a delivery whose signature headers are derived from the correct signature. */
function signedWith(
  change: (correct: string) => Exchange["headers"],
  options?: SignPayloadOptions & { readonly secret?: string },
): () => Promise<readonly Exchange[]> {
  return async () => {
    const body = eventText();
    const correct = await signPayload(body, options?.secret ?? conformanceSecrets[0], options);
    return [await delivery(body, { signatures: change(correct) })];
  };
}

const asIs = (correct: string): Exchange["headers"] => [["x-signature", correct]];
const wrong = "0".repeat(64);

/** Accepted and refused forms of the signature header. */
export const signatureCases: readonly AdapterCase[] = [
  sameAsCore(
    "accepts an upper-case header name",
    signedWith((correct) => [["X-SIGNATURE", correct]]),
  ),
  sameAsCore(
    "accepts upper-case hex",
    signedWith((correct) => [["x-signature", correct.toUpperCase()]]),
  ),
  sameAsCore("accepts the prefix sha256=", signedWith(asIs, { prefix: true })),
  sameAsCore("accepts base64", signedWith(asIs, { encoding: "base64" })),
  sameAsCore("accepts base64url", signedWith(asIs, { encoding: "base64url" })),
  sameAsCore("accepts a signature of the second secret", signedWith(asIs, { secret: conformanceSecrets[1] })),
  sameAsCore(
    "accepts two signature headers, the correct one first",
    signedWith((correct) => [
      ["x-signature", correct],
      ["x-signature", wrong],
    ]),
  ),
  sameAsCore(
    "accepts two signature headers, the correct one last",
    signedWith((correct) => [
      ["x-signature", wrong],
      ["x-signature", correct],
    ]),
  ),
  sameAsCore(
    "refuses two wrong signature headers",
    signedWith(() => [
      ["x-signature", wrong],
      ["x-signature", wrong],
    ]),
  ),
  sameAsCore("refuses a signature of another secret", signedWith(asIs, { secret: "another secret" })),
  sameAsCore(
    "refuses a delivery without a signature header",
    signedWith(() => []),
  ),
  sameAsCore(
    "refuses an empty signature header",
    signedWith(() => [["x-signature", ""]]),
  ),
  sameAsCore(
    "refuses a signature that is too short",
    signedWith((correct) => [["x-signature", correct.slice(0, 32)]]),
  ),
  sameAsCore(
    "refuses an odd number of hex digits",
    signedWith((correct) => [["x-signature", correct.slice(1)]]),
  ),
  sameAsCore(
    "refuses a signature that is too long",
    signedWith((correct) => [["x-signature", `${correct}00`]]),
  ),
  sameAsCore(
    "refuses a signature that is not hex",
    signedWith((correct) => [["x-signature", `zz${correct.slice(2)}`]]),
  ),
  sameAsCore(
    "refuses a signature with one changed digit",
    signedWith((correct) => [["x-signature", (correct[0] === "0" ? "1" : "0") + correct.slice(1)]]),
  ),
  sameAsCore("refuses a body with one changed byte", async () => {
    const { headers } = await delivery(eventText("return", "evt_a"));
    return [{ ...(await delivery(eventText("return", "evt_b"))), headers }];
  }),
];
