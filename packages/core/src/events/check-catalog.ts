import { WebhookError } from "../errors/webhook-error.ts";
import type { Catalog } from "./event.ts";

/** Refuses a catalog with an event called UNRECOGNIZED: the name stands for every event that the catalog does not have. */
export function checkCatalog(owner: string, catalog: Catalog): void {
  if (Object.hasOwn(catalog, "UNRECOGNIZED"))
    throw new WebhookError(
      "CONFIG_INVALID",
      `${owner}: \`catalog.UNRECOGNIZED\` must be absent: the name is reserved.`,
    );
}
