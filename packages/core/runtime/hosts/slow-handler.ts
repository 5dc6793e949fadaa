import { createReceiver, type DeliveryContext } from "../../src/index.ts";
import { SECRET } from "../sign.ts";

const receiver = createReceiver({
  secret: SECRET,
  maxInFlight: 3,
  on: { CONVERSATION_STARTED: () => new Promise<void>((resolve) => setTimeout(resolve, 1_000)) },
});

/** A Worker whose handler takes longer than some of its clients wait. */
export default { fetch: (request: Request, _env: unknown, ctx: DeliveryContext) => receiver.fetch(request, ctx) };
