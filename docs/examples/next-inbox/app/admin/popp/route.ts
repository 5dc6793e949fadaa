import {
  type Access,
  toInspector,
} from "@popp-webhooks/inspector";
import { inbox } from "../../../inbox";

/** Check your own session here. This one knows two tokens. */
function authorize(request: Request): Access | false {
  const token = /(?:^|;\s*)token=([^;]+)/.exec(
    request.headers.get("cookie") ?? "",
  )?.[1];
  if (token === undefined) return false;
  if (token === process.env.ADMIN_TOKEN)
    return { name: "admin", can: "act", body: "reveal" };
  if (token === process.env.READER_TOKEN)
    return { name: "reader", can: "read", body: "masked" };
  return false;
}

const inspector = toInspector(inbox, { authorize });

export const GET = inspector.fetch;
export const POST = inspector.fetch;
