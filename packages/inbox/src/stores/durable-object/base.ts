// The module is in workerd alone, and typed only in projects that have Cloudflare's types: elsewhere this is the line that fails.
// biome-ignore lint/suspicious/noTsIgnore: an expected error would be none where the types are
// @ts-ignore
import { DurableObject } from "cloudflare:workers";
import type { DurableStorage } from "./storage.ts";

/** What the platform gives an object, as far as a store needs it. */
export interface ObjectState {
  /** Where the object keeps things. */
  readonly storage: DurableStorage;
}

const platforms: unknown = DurableObject;

/**
 * The platform's class: what extends it can be called from a Worker.
 *
 * The join: it is typed here, so that nothing of ours needs Cloudflare's types.
 */
export const DurableObjectBase = platforms as abstract new (ctx: ObjectState, env: unknown) => object;
