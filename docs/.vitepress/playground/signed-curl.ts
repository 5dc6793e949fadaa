import { signPayload } from "@popp-webhooks/testing";
import { curlCommand } from "../../../packages/cli/src/send/curl-command.ts";

/** Signs the examples while no other secret is given. */
export const TEST_SECRET = "popp-test-secret";

/** Where the examples are sent. */
export const LOCAL_ADDRESS = "http://localhost:3000/webhooks/popp";

/** The curl command that sends a body, signed; or why there is none. */
export async function signedCurl(
  body: Uint8Array,
  secret: string,
  address: string,
): Promise<{ readonly command: string } | { readonly problem: string }> {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
    return { problem: `This is not an address. An example: ${LOCAL_ADDRESS}` };
  const signature = await signPayload(body, secret);
  const headers = [["content-type", "application/json"] as const, ["x-signature", signature] as const];
  try {
    return { command: curlCommand(new URL(address), headers, body) };
  } catch {
    return {
      problem:
        "This body is too large for a command line, or has null bytes. Save it, and send it with --data-binary @file.",
    };
  }
}
