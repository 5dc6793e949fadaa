// The module exists only in workerd, and its types only in projects with Cloudflare's types. Elsewhere the next line does not compile.
// biome-ignore lint/suspicious/noTsIgnore: @ts-expect-error would fail where the types exist
// @ts-ignore
import { DurableObject } from "cloudflare:workers";
import type { DurableStorage } from "./storage.ts";

/** The part of a Durable Object's state that a store needs. */
export interface ObjectState {
  /** The storage of the object. */
  readonly storage: DurableStorage;
}

const platforms: unknown = DurableObject;

/**
 * The platform's base class. A Worker can call the methods of a class that extends it.
 *
 * It is typed here, so that this package does not need Cloudflare's types.
 */
export const DurableObjectBase = platforms as abstract new (ctx: ObjectState, env: unknown) => object;
